package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.cluster.ClusterCommand;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.CommandResult;
import io.datawarehouse.sdk.cluster.RegistryEntry;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The registries, as what all proposals up to a place in the log made of them. Deterministic: two
 * of these that applied the same log hold the same, byte for byte. Thread-safe.
 *
 * <p>The version of an entry is the place in the log of its last change. It grows with every change
 * and is never used twice, also when an entry is removed and made again; so a command that expects
 * a version can be sent twice without harm.
 *
 * <p>The binary form of all of it, for snapshots; numbers and text as in {@link Wire}:
 *
 * <pre>
 * magic     four bytes, "DWRS"
 * version   one byte, 1
 * position  number (index), number (term)
 * entries   number; for each: text (registry), text (key), number (version), text (value)
 * answered  number of nodes; for each: text (node), number (run), number (settled), number (last
 *           index), number of answers; for each: number (sequence), number (answer: 0 lost,
 *           1 full, else place in the log + 2)
 * </pre>
 *
 * A later version may hold more; a release that does not know it refuses the snapshot as a whole.
 */
public final class RegistryStateMachine {

  private static final int MAGIC = 'D' << 24 | 'W' << 16 | 'R' << 8 | 'S';
  private static final int VERSION = 1;
  private static final long LOST = 0;
  private static final long FULL = 1;
  private static final long PLACES = 2;

  private final Observer observer;
  // All guarded by this.
  private NavigableMap<String, NavigableMap<String, RegistryEntry>> registries = new TreeMap<>();
  private AnsweredRequests answered = new AnsweredRequests();
  private LogPosition position = LogPosition.START;
  private int entries;
  private long characters;

  /**
   * Who is told what happened, in the one order. Called while the state machine is held: it must
   * only take note.
   */
  public interface Observer {

    /** A proposal was applied, or found to be applied already. */
    void applied(RequestId id, Outcome outcome);

    /** An entry changed. */
    void changed(ClusterCoordinator.Change change);

    /** All of it was replaced by a snapshot; the changes between were told before. */
    void restored();
  }

  /** Makes empty registries. */
  public RegistryStateMachine(Observer observer) {
    this.observer = observer;
  }

  /** Returns up to where the log is applied. */
  public synchronized LogPosition position() {
    return position;
  }

  /** Returns how many entries there are. */
  public synchronized int entries() {
    return entries;
  }

  /** Returns how many characters keys and values have. */
  public synchronized long characters() {
    return characters;
  }

  /** Returns one entry. */
  public synchronized Optional<RegistryEntry> find(RegistryEntry.Address address) {
    NavigableMap<String, RegistryEntry> registry = registries.get(address.registry());
    return registry == null ? Optional.empty() : Optional.ofNullable(registry.get(address.key()));
  }

  /** Returns all entries of a registry, sorted by key. */
  public synchronized List<RegistryEntry> list(String registry) {
    return List.copyOf(registries.getOrDefault(registry, new TreeMap<>()).values());
  }

  /**
   * What the registries held at one place in the log. Immutable.
   *
   * @param position that place
   * @param entries all of them
   */
  public record Held(LogPosition position, List<RegistryEntry> entries) {
    /** Copies. */
    public Held {
      entries = List.copyOf(entries);
    }
  }

  /** Returns what they hold now. */
  public synchronized Held held() {
    return new Held(
        position,
        registries.values().stream().flatMap(registry -> registry.values().stream()).toList());
  }

  /**
   * Tells what is different from what was held before they were read anew, as after a snapshot;
   * nothing where they were read up to an earlier place: the log will bring the rest.
   */
  public synchronized void tellSince(Held before) {
    if (position.index() > before.position().index()) {
      differences(before.entries()).forEach(observer::changed);
    }
  }

  /** Forgets everything and tells nobody. */
  public synchronized void clear() {
    registries = new TreeMap<>();
    answered = new AnsweredRequests();
    position = LogPosition.START;
    entries = 0;
    characters = 0;
  }

  /** Takes note of an entry of the log that is none of its business. */
  public synchronized void skip(LogPosition at) {
    requireNext(at);
    position = at;
  }

  /** Applies the next proposal of the log. */
  public synchronized Outcome apply(LogPosition at, Proposal proposal) {
    requireNext(at);
    position = at;
    Outcome outcome = outcome(proposal);
    observer.applied(proposal.id(), outcome);
    return outcome;
  }

  /**
   * Returns what became of a proposal, if that is known; for those that wait while a snapshot takes
   * the place of the log that would have told them.
   */
  public synchronized Optional<Outcome> answer(RequestId id, Optional<ClusterCommand> command) {
    OptionalLong answer = answered.answer(id);
    return answer.isPresent()
        ? Optional.of(remembered(answer.getAsLong(), command))
        : Optional.empty();
  }

  /** Writes all of it. */
  public synchronized void writeTo(DataOutput out) throws IOException {
    out.writeInt(MAGIC);
    out.writeByte(VERSION);
    Wire.writeNumber(out, position.index());
    Wire.writeNumber(out, position.term());
    Wire.writeNumber(out, entries);
    for (NavigableMap<String, RegistryEntry> registry : registries.values()) {
      for (RegistryEntry entry : registry.values()) {
        Wire.writeText(out, entry.address().registry());
        Wire.writeText(out, entry.address().key());
        Wire.writeNumber(out, entry.version());
        Wire.writeText(out, entry.value());
      }
    }
    answered.writeTo(out);
  }

  /**
   * Takes the place of all it holds, and tells what is different: of each entry the last change
   * alone, for those between are not known.
   *
   * @throws IOException if that is no snapshot, or one of a later release; then nothing changes
   */
  public synchronized void readFrom(DataInput in) throws IOException {
    LogPosition read = readPosition(in);
    List<RegistryEntry> before = held().entries();
    NavigableMap<String, NavigableMap<String, RegistryEntry>> after = readEntries(in);
    answered = AnsweredRequests.read(in);
    registries = after;
    position = read;
    count();
    differences(before).forEach(observer::changed);
    observer.restored();
  }

  /** Reads from the beginning of a snapshot up to where in the log it stands. */
  public static LogPosition readPosition(DataInput in) throws IOException {
    if (in.readInt() != MAGIC) {
      throw new IOException("no snapshot of registries");
    }
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException("a snapshot of version " + version + ", this release reads 1");
    }
    return new LogPosition(Wire.readNumber(in), Wire.readNumber(in));
  }

  private void requireNext(LogPosition at) {
    if (at.index() != position.index() + 1) {
      throw new IllegalStateException(
          "the log goes on at " + at.index() + ", applied is " + position.index());
    }
  }

  private Outcome outcome(Proposal proposal) {
    if (answered.stale(proposal, position.index())) {
      return new Outcome.Stale();
    }
    OptionalLong before = answered.answer(proposal.id());
    if (before.isPresent()) {
      return remembered(before.getAsLong(), proposal.command());
    }
    Outcome outcome =
        proposal.command().isEmpty()
            ? new Outcome.Marked(position.index())
            : judge(proposal.command().get(), proposal.capacity());
    answered.remember(proposal.id(), answerOf(outcome));
    return outcome;
  }

  private long answerOf(Outcome outcome) {
    if (outcome instanceof Outcome.Full) {
      return FULL;
    }
    boolean lost = outcome instanceof Outcome.Judged judged && !judged.result().applied();
    return lost ? LOST : position.index() + PLACES;
  }

  private Outcome remembered(long answer, Optional<ClusterCommand> command) {
    if (answer == FULL) {
      return new Outcome.Full();
    }
    if (command.isEmpty()) {
      return new Outcome.Marked(answer - PLACES);
    }
    if (answer == LOST) {
      return lost(find(command.get().address()));
    }
    long index = answer - PLACES;
    return applied(
        command.get() instanceof ClusterCommand.Put put
            ? Optional.of(new RegistryEntry(put.address(), put.value(), index))
            : Optional.empty(),
        index);
  }

  private Outcome judge(ClusterCommand command, Capacity capacity) {
    Optional<RegistryEntry> standing = find(command.address());
    long version = standing.map(RegistryEntry::version).orElse(ClusterCommand.ABSENT);
    if (command.expected().isPresent() && command.expected().getAsLong() != version) {
      return lost(standing);
    }
    if (command instanceof ClusterCommand.Put put) {
      return put(put, standing, capacity);
    }
    standing.ifPresent(this::remove);
    return applied(Optional.empty(), position.index());
  }

  private Outcome put(ClusterCommand.Put put, Optional<RegistryEntry> standing, Capacity capacity) {
    RegistryEntry entry = new RegistryEntry(put.address(), put.value(), position.index());
    long added = weight(entry) - standing.map(RegistryStateMachine::weight).orElse(0L);
    boolean more = standing.isEmpty() && entries >= capacity.entries();
    if (more || added > 0 && characters + added > capacity.characters()) {
      return new Outcome.Full();
    }
    registries
        .computeIfAbsent(put.address().registry(), name -> new TreeMap<>())
        .put(put.address().key(), entry);
    entries += standing.isEmpty() ? 1 : 0;
    characters += added;
    observer.changed(
        new ClusterCoordinator.Change(put.address(), Optional.of(entry), position.index()));
    return applied(Optional.of(entry), position.index());
  }

  private void remove(RegistryEntry entry) {
    RegistryEntry.Address address = entry.address();
    registries.computeIfPresent(
        address.registry(),
        (name, registry) -> {
          registry.remove(address.key());
          return registry.isEmpty() ? null : registry;
        });
    entries--;
    characters -= weight(entry);
    observer.changed(new ClusterCoordinator.Change(address, Optional.empty(), position.index()));
  }

  private static Outcome applied(Optional<RegistryEntry> entry, long index) {
    return new Outcome.Judged(new CommandResult.Applied(entry, index));
  }

  private static Outcome lost(Optional<RegistryEntry> standing) {
    return new Outcome.Judged(new CommandResult.Conflict(standing));
  }

  private static long weight(RegistryEntry entry) {
    return (long) entry.address().key().length() + entry.value().length();
  }

  private void count() {
    entries = 0;
    characters = 0;
    for (NavigableMap<String, RegistryEntry> registry : registries.values()) {
      entries += registry.size();
      for (RegistryEntry entry : registry.values()) {
        characters += weight(entry);
      }
    }
  }

  private static NavigableMap<String, NavigableMap<String, RegistryEntry>> readEntries(DataInput in)
      throws IOException {
    NavigableMap<String, NavigableMap<String, RegistryEntry>> read = new TreeMap<>();
    int count = Wire.readCount(in, Integer.MAX_VALUE);
    try {
      for (int i = 0; i < count; i++) {
        RegistryEntry.Address address =
            new RegistryEntry.Address(Wire.readText(in), Wire.readText(in));
        long version = Wire.readNumber(in);
        read.computeIfAbsent(address.registry(), name -> new TreeMap<>())
            .put(address.key(), new RegistryEntry(address, Wire.readText(in), version));
      }
    } catch (WarehouseException e) {
      throw new IOException("a damaged snapshot: " + e.getMessage(), e);
    }
    return read;
  }

  private List<ClusterCoordinator.Change> differences(List<RegistryEntry> before) {
    Map<RegistryEntry.Address, RegistryEntry> gone = new HashMap<>();
    before.forEach(entry -> gone.put(entry.address(), entry));
    List<ClusterCoordinator.Change> changes = new ArrayList<>();
    for (NavigableMap<String, RegistryEntry> registry : registries.values()) {
      for (RegistryEntry entry : registry.values()) {
        RegistryEntry old = gone.remove(entry.address());
        if (old == null || old.version() != entry.version()) {
          changes.add(
              new ClusterCoordinator.Change(entry.address(), Optional.of(entry), entry.version()));
        }
      }
    }
    gone.keySet()
        .forEach(
            address ->
                changes.add(
                    new ClusterCoordinator.Change(address, Optional.empty(), position.index())));
    changes.sort(
        Comparator.comparingLong(ClusterCoordinator.Change::index)
            .thenComparing(change -> change.address().toString()));
    return changes;
  }
}
