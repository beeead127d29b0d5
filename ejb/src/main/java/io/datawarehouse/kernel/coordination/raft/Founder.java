package io.datawarehouse.kernel.coordination.raft;

import io.datawarehouse.kernel.coordination.FoundingMessage;
import io.datawarehouse.kernel.coordination.Group;
import io.datawarehouse.kernel.coordination.GroupFounding;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jgroups.Address;

/**
 * Finds this node its group: that of whoever has one, or one that it founds with others that have
 * none. A node that founds nothing waits to be met, and does not show itself as a candidate: those
 * that found count candidates. Confined to the ticker.
 */
final class Founder {

  private static final System.Logger LOG = System.getLogger(Founder.class.getName());

  /** Long enough to hear of a group that is there already. */
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1_000);

  /** How long it waits for all that were announced, before more than half of them will do. */
  private static final long GRACE = TimeUnit.MILLISECONDS.toNanos(5_000);

  private static final long AGAIN = TimeUnit.MILLISECONDS.toNanos(600);

  private final NodeId self;
  private final GroupChannel channel;
  private final GroupFounding founding;
  private final Consumer<Group> found;
  private final long contact;
  private final IntSupplier others;
  private final Map<NodeId, Long> candidates = new HashMap<>();
  private final long began;
  private long attemptedAt;

  /**
   * Makes the founder of a connected channel.
   *
   * @param contact after how long without a word a candidate does not count
   * @param others how many other members of the cluster can be reached here, met or not
   * @param found told of the group, once
   */
  Founder(
      NodeId self,
      GroupChannel channel,
      GroupFounding founding,
      Duration contact,
      IntSupplier others,
      long now,
      Consumer<Group> found) {
    this.self = self;
    this.channel = channel;
    this.founding = founding;
    this.contact = contact.toNanos();
    this.others = others;
    this.found = found;
    this.began = now;
    this.attemptedAt = now;
    if (!founding.founds() && founding.group().isEmpty()) {
      LOG.log(System.Logger.Level.INFO, "the coordinator founds no group, it waits to meet one");
    }
  }

  Optional<Group> group() {
    return founding.group();
  }

  /** Does what is due while this node has no group. */
  void look(long now) {
    if (!founding.founds()) {
      return;
    }
    candidates.put(self, now);
    channel.courier().tellAll(new CoordinatorWord.Leaderless(0, Optional.empty(), 0).toBytes());
    candidates.values().removeIf(heard -> now - heard > contact);
    Set<NodeId> inSight = inSight();
    // Members that this channel has not met yet may have a group, or be about to found one.
    int announced = Math.max(founding.announced(), 1 + others.getAsInt());
    long pause = inSight.size() >= announced ? PAUSE : GRACE;
    if (now - began > pause && now - attemptedAt > AGAIN) {
      attemptedAt = now;
      deliver(founding.attempt(inSight));
    }
  }

  /** Takes note of another node that has no group. */
  void heard(NodeId candidate, long now) {
    candidates.put(candidate, now);
  }

  /** Joins a group that was met, if this node has none. */
  void meet(Group group) {
    receive(self, new FoundingMessage.Chosen(group));
  }

  /** Tells a node that has no group of this one's. */
  void introduce(Address to) {
    group()
        .map(FoundingMessage.Chosen::new)
        .map(CoordinatorWord.Founding::new)
        .ifPresent(word -> channel.courier().tell(to, word.toBytes()));
  }

  /** Takes what a node said. */
  void receive(NodeId from, FoundingMessage message) {
    boolean before = group().isPresent();
    deliver(founding.receive(from, message));
    if (!before) {
      group().ifPresent(this::enter);
    }
  }

  private void enter(Group group) {
    LOG.log(
        System.Logger.Level.INFO,
        "the coordinator belongs to group {0}, founded by {1}",
        group.id(),
        group.founders());
    candidates.clear();
    found.accept(group);
  }

  private Set<NodeId> inSight() {
    Set<NodeId> inSight = new TreeSet<>(candidates.keySet());
    inSight.removeIf(node -> channel.find(node).isEmpty());
    return inSight;
  }

  private void deliver(List<GroupFounding.Letter> letters) {
    for (GroupFounding.Letter letter : letters) {
      if (letter.to().equals(self)) {
        receive(self, letter.message());
      } else {
        byte[] word = new CoordinatorWord.Founding(letter.message()).toBytes();
        channel.find(letter.to()).ifPresent(address -> channel.courier().tell(address, word));
      }
    }
  }
}
