package io.datawarehouse.kernel.peer;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which of two connections with a peer stands, so that both ends decide alike. Thread-safe;
 * every operation is short.
 *
 * <p>Either end may call. Calls that cross are told apart by who called: the call of the node with
 * the smaller identity stands. It refuses the other's while its own is under way, and the other
 * gives up its own when the smaller one's arrives. A link that stands is replaced only by a caller
 * that names it as gone, or by a later run of the peer.
 *
 * @param <L> the links
 */
public final class LinkTable<L> {

  /** A link that stands. */
  private record Standing<L>(String name, long incarnation, L link) {}

  /** What is known of one peer. */
  private static final class Entry<L> {
    @Nullable Standing<L> standing;
    @Nullable String calling;
    String last = "";
  }

  /** What becomes of a call that came in. */
  public sealed interface Admission<L> {

    /**
     * It stands.
     *
     * @param replaced the link that it takes the place of
     * @param givenUp whether a call of this node's own is given up for it
     */
    record Stands<L>(Optional<L> replaced, boolean givenUp) implements Admission<L> {}

    /**
     * Another one stands, or will.
     *
     * @param reason why, in words
     */
    record Refused<L>(String reason) implements Admission<L> {}
  }

  private final NodeId self;

  // Guarded by this.
  private final Map<NodeId, Entry<L>> entries = new HashMap<>();

  /** Makes an empty table for a node. */
  public LinkTable(NodeId self) {
    this.self = self;
  }

  /**
   * Begins a call to a peer.
   *
   * @param name the name of the link that is to be
   * @return the name of the link that it replaces, empty for none; nothing where no call is wanted,
   *     because a link stands or a call is under way
   */
  public synchronized Optional<String> beginCall(NodeId peer, String name) {
    Entry<L> entry = entry(peer);
    if (entry.standing != null || entry.calling != null) {
      return Optional.empty();
    }
    String replaces = entry.last;
    entry.calling = name;
    // Also if this call comes to nothing here: the other end may have it as standing.
    entry.last = name;
    return Optional.of(replaces);
  }

  /** Ends a call that came to nothing. */
  public synchronized void failCall(NodeId peer, String name) {
    Entry<L> entry = entry(peer);
    if (name.equals(entry.calling)) {
      entry.calling = null;
    }
  }

  /** Ends a call that was answered; returns whether its link stands now. */
  public synchronized boolean completeCall(NodeId peer, String name, long incarnation, L link) {
    Entry<L> entry = entry(peer);
    if (!name.equals(entry.calling)) {
      return false;
    }
    entry.calling = null;
    stand(entry, new Standing<>(name, incarnation, link));
    return true;
  }

  /** Judges a call that came in; where it stands, its link stands from here on. */
  public synchronized Admission<L> admit(
      NodeId peer, String name, long incarnation, String replaces, L link) {
    Entry<L> entry = entry(peer);
    Standing<L> standing = entry.standing;
    if (standing != null) {
      if (incarnation < standing.incarnation) {
        return new Admission.Refused<>("a later run of the node has a link");
      }
      if (incarnation == standing.incarnation && !standing.name.equals(replaces)) {
        return new Admission.Refused<>("a link stands");
      }
    } else if (entry.calling != null && self.compareTo(peer) < 0) {
      return new Admission.Refused<>("this node is calling");
    }
    boolean givenUp = entry.calling != null;
    entry.calling = null;
    stand(entry, new Standing<>(name, incarnation, link));
    return new Admission.Stands<>(
        standing == null ? Optional.empty() : Optional.of(standing.link), givenUp);
  }

  /** Forgets a link that is down; returns whether it stood. */
  public synchronized boolean remove(NodeId peer, L link) {
    Entry<L> entry = entry(peer);
    if (entry.standing == null || entry.standing.link != link) {
      return false;
    }
    entry.standing = null;
    return true;
  }

  /** Returns the link with that name, if it stands. */
  public synchronized Optional<L> named(String name) {
    for (Entry<L> entry : entries.values()) {
      if (entry.standing != null && entry.standing.name.equals(name)) {
        return Optional.of(entry.standing.link);
      }
    }
    return Optional.empty();
  }

  /** Returns all links that stand. */
  public synchronized java.util.List<L> standing() {
    return entries.values().stream()
        .filter(entry -> entry.standing != null)
        .map(entry -> java.util.Objects.requireNonNull(entry.standing).link)
        .toList();
  }

  private void stand(Entry<L> entry, Standing<L> standing) {
    entry.standing = standing;
    entry.last = standing.name;
  }

  private Entry<L> entry(NodeId peer) {
    return entries.computeIfAbsent(peer, id -> new Entry<>());
  }
}
