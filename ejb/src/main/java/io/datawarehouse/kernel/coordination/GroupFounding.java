package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How nodes that belong to no group found exactly one, whoever crashes meanwhile. Confined to one
 * thread at a time; it has no clock and no network of its own.
 *
 * <p>It is single-decree Paxos on "which group": a node attempts it (prepare), goes on when more
 * than half promised, takes the group of the greatest attempt that any of them had accepted or, if
 * none had, a new one whose founders are all candidates it sees, and has it accepted. A group that
 * more than half accepted is founded: every later attempt finds it. Promises and acceptances are on
 * disk before they are said, so a node that crashes between does not forget them.
 *
 * <p>More than half is counted of the nodes that were announced, or of the candidates in sight
 * where those are more. If far more nodes start than were announced, and they are cut in two before
 * they founded anything, two groups can come to be; they then refuse each other.
 *
 * <p>A node that is to join a group that is there already, and never to found one, has nothing
 * announced to it: it attempts nothing, promises nothing, and takes the group that it is told of.
 */
public final class GroupFounding {

  private final NodeId self;
  private final int announced;
  private final Supplier<String> ids;
  private final Consumer<FoundingRecord> disk;
  private FoundingRecord record;
  private Optional<Attempt> attempt = Optional.empty();

  /**
   * Something to be said.
   *
   * @param to to whom, perhaps to itself
   * @param message what
   */
  public record Letter(NodeId to, FoundingMessage message) {}

  /** What this node attempts. */
  private static final class Attempt {
    final FoundingBallot ballot;
    final Set<NodeId> candidates;
    final int needed;
    final Map<NodeId, Optional<FoundingRecord.Accepted>> promises = new HashMap<>();
    final Set<NodeId> acceptances = new HashSet<>();
    Optional<Group> proposed = Optional.empty();

    Attempt(FoundingBallot ballot, Set<NodeId> candidates, int needed) {
      this.ballot = ballot;
      this.candidates = Set.copyOf(candidates);
      this.needed = needed;
    }
  }

  /**
   * Makes the founding of one node.
   *
   * @param announced how many nodes are expected to found together, up to 255; 0 for a node that
   *     founds nothing
   * @param record what this node knew when it stopped
   * @param disk keeps a record; when it returns that is durable
   * @param ids makes the ids of groups, random and never the same
   */
  public GroupFounding(
      NodeId self,
      int announced,
      FoundingRecord record,
      Consumer<FoundingRecord> disk,
      Supplier<String> ids) {
    if (announced < 0 || announced > Group.MOST_FOUNDERS) {
      throw WarehouseException.invalid("bootstrapNodes", announced, "use 0 to 255");
    }
    this.self = self;
    this.announced = announced;
    this.record = record;
    this.disk = disk;
    this.ids = ids;
  }

  /** Returns the group that this node belongs to. */
  public Optional<Group> group() {
    return record.chosen();
  }

  /** Returns whether this node may found a group. */
  public boolean founds() {
    return announced > 0;
  }

  /** Returns how many nodes are expected to found together; 0 where this one founds nothing. */
  public int announced() {
    return announced;
  }

  /** Returns how many candidates have to stand together before a group can be founded. */
  public int needed(int candidates) {
    return Math.max(announced, candidates) / 2 + 1;
  }

  /**
   * Attempts it, if enough candidates stand together and this node is the one to do so: the least
   * of them. To be called now and then.
   *
   * @param candidates all nodes in sight that belong to no group, this one among them
   */
  public List<Letter> attempt(Set<NodeId> candidates) {
    boolean first =
        candidates.stream().min(Comparator.naturalOrder()).filter(self::equals).isPresent();
    if (!founds()
        || record.chosen().isPresent()
        || !first
        || candidates.size() < needed(candidates.size())) {
      return List.of();
    }
    long round = record.promised().map(FoundingBallot::round).orElse(0L) + 1;
    FoundingBallot ballot = new FoundingBallot(round, self);
    attempt = Optional.of(new Attempt(ballot, candidates, needed(candidates.size())));
    return toAll(candidates, new FoundingMessage.Prepare(ballot));
  }

  /** Takes what a node said, and returns what to say to that. */
  public List<Letter> receive(NodeId from, FoundingMessage message) {
    if (message instanceof FoundingMessage.Chosen chosen) {
      choose(chosen.group());
      return List.of();
    }
    if (record.chosen().isPresent()) {
      return from.equals(self)
          ? List.of()
          : List.of(new Letter(from, new FoundingMessage.Chosen(record.chosen().get())));
    }
    if (!founds()) {
      return List.of();
    }
    if (message instanceof FoundingMessage.Prepare prepare) {
      return promise(from, prepare.ballot());
    }
    if (message instanceof FoundingMessage.Accept accept) {
      return accept(from, accept.proposed());
    }
    if (message instanceof FoundingMessage.Promise promise) {
      return promised(from, promise);
    }
    if (message instanceof FoundingMessage.Accepted accepted) {
      return accepted(from, accepted.ballot());
    }
    if (message instanceof FoundingMessage.Refused refused) {
      // The next attempt is greater than that one.
      if (mayPromise(refused.promised())) {
        keep(record.promising(refused.promised()));
      }
      attempt = Optional.empty();
    }
    return List.of();
  }

  private List<Letter> promise(NodeId from, FoundingBallot ballot) {
    if (!mayPromise(ballot)) {
      return refusal(from);
    }
    keep(record.promising(ballot));
    return List.of(new Letter(from, new FoundingMessage.Promise(ballot, record.accepted())));
  }

  private List<Letter> accept(NodeId from, FoundingRecord.Accepted proposed) {
    if (!mayPromise(proposed.ballot())) {
      return refusal(from);
    }
    keep(record.accepting(proposed));
    return List.of(new Letter(from, new FoundingMessage.Accepted(proposed.ballot())));
  }

  private List<Letter> promised(NodeId from, FoundingMessage.Promise promise) {
    Attempt current = attempt.orElse(null);
    if (current == null
        || !current.ballot.equals(promise.ballot())
        || current.proposed.isPresent()) {
      return List.of();
    }
    current.promises.put(from, promise.accepted());
    if (current.promises.size() < current.needed) {
      return List.of();
    }
    Group group =
        current.promises.values().stream()
            .flatMap(Optional::stream)
            .max(Comparator.comparing(FoundingRecord.Accepted::ballot))
            .map(FoundingRecord.Accepted::group)
            .orElseGet(() -> new Group(ids.get(), List.copyOf(current.candidates)));
    current.proposed = Optional.of(group);
    return toAll(
        current.candidates,
        new FoundingMessage.Accept(new FoundingRecord.Accepted(current.ballot, group)));
  }

  private List<Letter> accepted(NodeId from, FoundingBallot ballot) {
    Attempt current = attempt.orElse(null);
    if (current == null || !current.ballot.equals(ballot) || current.proposed.isEmpty()) {
      return List.of();
    }
    current.acceptances.add(from);
    if (current.acceptances.size() < current.needed) {
      return List.of();
    }
    Group group = current.proposed.get();
    choose(group);
    return toAll(current.candidates, new FoundingMessage.Chosen(group));
  }

  private void choose(Group group) {
    if (record.chosen().isEmpty()) {
      keep(record.choosing(group));
      attempt = Optional.empty();
    }
  }

  private boolean mayPromise(FoundingBallot ballot) {
    return record.promised().isEmpty() || record.promised().get().compareTo(ballot) <= 0;
  }

  private List<Letter> refusal(NodeId from) {
    return record
        .promised()
        .map(promised -> List.of(new Letter(from, new FoundingMessage.Refused(promised))))
        .orElse(List.of());
  }

  private void keep(FoundingRecord next) {
    disk.accept(next);
    record = next;
  }

  private static List<Letter> toAll(Set<NodeId> nodes, FoundingMessage message) {
    List<Letter> letters = new ArrayList<>();
    nodes.stream().sorted().forEach(node -> letters.add(new Letter(node, message)));
    return letters;
  }
}
