package io.datawarehouse.kernel.health;

import io.datawarehouse.kernel.plugin.PluginStatus;
import io.datawarehouse.sdk.message.MessageBus;
import java.util.List;
import java.util.Optional;

/** What the health checks look at. Thread-safe; every answer is quick. */
public interface NodeConditions {

  /** Where the kernel is in its life. */
  enum Phase {
    /** It is starting. */
    STARTING,
    /** It serves. */
    RUNNING,
    /** It is stopping. */
    STOPPING,
    /** It has stopped. */
    STOPPED,
    /** It could not start. */
    FAILED
  }

  /** Returns where the kernel is in its life. */
  Phase phase();

  /** Returns why the kernel could not start, where it could not. */
  Optional<String> failure();

  /** Returns the plugins; none before they are known. */
  List<PluginStatus> plugins();

  /** Returns the kernel's bus, while there is one. */
  Optional<MessageBus> bus();

  /** Returns what hangs in the kernel, in words; nothing where all goes on. */
  List<String> stalls();

  /** Returns why encrypted content cannot be read or written now, in words. */
  Optional<String> withoutKeys();

  /**
   * Returns why the node cannot tell yet who owns what, in words, while it is about to learn it: a
   * request for a blob would be refused though its owner is well.
   */
  Optional<String> withoutOwners();

  /** Returns how many blobs are known to be damaged. */
  int damagedBlobs();

  /**
   * Returns why the node takes no part in what the cluster agrees on, in words: its log failed. It
   * serves blobs all the same; buckets and settings cannot be changed through it.
   */
  Optional<String> withoutCoordinator();

  /**
   * Returns which nodes look dead to this one, in words, while they are so many at once that none
   * is removed for it: the fault may be its own network. It serves on.
   */
  Optional<String> brake();

  /** Returns whether the data directory has too little room, in words. */
  Optional<String> shortOfSpace();
}
