package io.datawarehouse.kernel.cluster.infinispan;

import java.util.function.BiConsumer;
import org.infinispan.notifications.Listener;
import org.infinispan.notifications.cachelistener.annotation.CacheEntryCreated;
import org.infinispan.notifications.cachelistener.annotation.CacheEntryModified;
import org.infinispan.notifications.cachelistener.annotation.DataRehashed;
import org.infinispan.notifications.cachelistener.event.CacheEntryCreatedEvent;
import org.infinispan.notifications.cachelistener.event.CacheEntryModifiedEvent;
import org.infinispan.notifications.cachelistener.event.DataRehashedEvent;
import org.infinispan.notifications.cachemanagerlistener.annotation.Merged;
import org.infinispan.notifications.cachemanagerlistener.annotation.ViewChanged;
import org.infinispan.notifications.cachemanagerlistener.event.MergeEvent;
import org.infinispan.notifications.cachemanagerlistener.event.ViewChangedEvent;

/**
 * What Infinispan tells, passed on; public because Infinispan calls it. Its methods are called on
 * Infinispan's threads and must not block. Thread-safe.
 */
public final class ClusterEvents {

  private ClusterEvents() {}

  /** Views of the cluster. */
  @Listener
  public static final class Views {
    private final Runnable changed;
    private final Runnable merged;

    Views(Runnable changed, Runnable merged) {
      this.changed = changed;
      this.merged = merged;
    }

    /** Somebody came or went. */
    @ViewChanged
    public void viewChanged(ViewChangedEvent event) {
      changed.run();
    }

    /** Parts of the cluster found each other again. */
    @Merged
    public void merged(MergeEvent event) {
      merged.run();
    }
  }

  /** Entries of the records' cache. */
  @Listener
  public static final class Entries {
    private final BiConsumer<String, String> received;
    private final Runnable moved;

    Entries(BiConsumer<String, String> received, Runnable moved) {
      this.received = received;
      this.moved = moved;
    }

    /** A record that was not there. */
    @CacheEntryCreated
    public void created(CacheEntryCreatedEvent<String, String> event) {
      if (!event.isPre()) {
        received.accept(event.getKey(), event.getValue());
      }
    }

    /** A record in place of another. */
    @CacheEntryModified
    public void modified(CacheEntryModifiedEvent<String, String> event) {
      if (!event.isPre()) {
        received.accept(event.getKey(), event.getNewValue());
      }
    }

    /** Entries came without a word of their own. */
    @DataRehashed
    public void rehashed(DataRehashedEvent<String, String> event) {
      if (!event.isPre()) {
        moved.run();
      }
    }
  }
}
