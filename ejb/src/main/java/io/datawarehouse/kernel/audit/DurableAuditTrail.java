package io.datawarehouse.kernel.audit;

import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.metric.Metrics;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An audit log in files of one directory, bounded by number, bytes and age. Thread-safe; the
 * directory belongs to one instance at a time.
 *
 * <p>Entries are lines with checksums, added at the end of the newest file. A crash leaves at most
 * a part of the line that was being written, which the next start cuts off. To make room the oldest
 * file is removed as a whole. In memory are the bounds of the files and no entry. Reading takes no
 * lock while it waits for the disk.
 */
public final class DurableAuditTrail implements AuditTrail {

  private static final System.Logger LOG = System.getLogger(DurableAuditTrail.class.getName());

  /**
   * What a log consists of.
   *
   * @param directory where its files are; made if it is missing
   * @param node whose log it is
   * @param clock tells when something was recorded
   * @param metrics counts
   * @param limits how much is kept
   */
  public record Options(
      Path directory, NodeId node, Clock clock, Metrics metrics, AuditLimits limits) {}

  private final Options options;
  private final Map<String, RefusalAllowance> allowances = new ConcurrentHashMap<>();
  private final Map<AuditEvent.Outcome, Metrics.Counter> recorded =
      new EnumMap<>(AuditEvent.Outcome.class);
  private final Metrics.Counter unrecorded;
  private final Metrics.Counter lost;
  private final Metrics.Counter damaged;
  private final Object lock = new Object();

  /** Oldest first, never empty; lines are added to the last one. Guarded by the lock. */
  private final Deque<AuditPart> parts = new ArrayDeque<>();

  /** Guarded by the lock, as the next ones. */
  private long nextId = 1;

  private long entries;
  private long bytes;

  /** Whether the last part could not be written to, so that it may end in half a line. */
  private boolean broken;

  private DurableAuditTrail(Options options) {
    this.options = options;
    Metrics metrics = options.metrics;
    for (AuditEvent.Outcome outcome : AuditEvent.Outcome.values()) {
      recorded.put(
          outcome,
          metrics.counter(
              "audit.recorded",
              "Events in the audit log, by outcome",
              Map.of("outcome", outcome.name().toLowerCase(Locale.ROOT))));
    }
    unrecorded =
        metrics.counter(
            "audit.unrecorded", "Refusals that were counted and not recorded", Map.of());
    lost = metrics.counter("audit.lost", "Events that the disk did not take for the log", Map.of());
    damaged =
        metrics.counter("audit.damaged", "Lines of the audit log that cannot be read", Map.of());
    metrics.gauge("audit.entries", "Entries in the audit log", Map.of(), this::entries);
    metrics.gauge("audit.bytes", "Bytes of the audit log", Map.of(), this::bytes);
  }

  /**
   * Opens the log that is there, or an empty one.
   *
   * @throws WarehouseException {@code STORAGE_FAILED} or {@code DISK_FULL}
   */
  public static DurableAuditTrail open(Options options) {
    DurableAuditTrail trail = new DurableAuditTrail(options);
    try {
      DurableFiles.createPrivateDirectories(options.directory);
      synchronized (trail.lock) {
        trail.load();
        trail.makeRoom(0);
      }
    } catch (IOException e) {
      throw DurableFiles.failure("opening the audit log", options.directory, e);
    }
    return trail;
  }

  private void load() throws IOException {
    TreeMap<Long, Path> files = new TreeMap<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(options.directory)) {
      for (Path file : found) {
        OptionalLong firstId = AuditPart.firstIdOf(file);
        if (firstId.isPresent()) {
          files.put(firstId.getAsLong(), file);
        }
      }
    }
    for (Map.Entry<Long, Path> file : files.entrySet()) {
      AuditPart part = AuditPart.open(file.getValue(), file.getKey());
      parts.add(part);
      entries += part.entries();
      bytes += part.bytes();
      // Past what is damaged, too: no identity is given twice.
      nextId = Math.max(nextId, Math.max(part.lastId() + 1, part.firstId()) + part.damaged());
      report(part);
    }
    if (parts.isEmpty()) {
      parts.add(AuditPart.create(options.directory, nextId));
    }
  }

  private void report(AuditPart part) {
    for (int i = 0; i < part.damaged(); i++) {
      damaged.increment();
    }
    if (part.damaged() > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} lines of {1} are damaged and left out of the audit log",
          part.damaged(),
          part.view().file());
    }
  }

  @Override
  public void record(AuditEvent event) {
    Instant now = options.clock.instant();
    long passedOver = 0;
    if (event.outcome() == AuditEvent.Outcome.REFUSED) {
      passedOver = allowanceOf(event.action()).take(now.toEpochMilli());
      if (passedOver < 0) {
        unrecorded.increment();
        return;
      }
    }
    try {
      synchronized (lock) {
        add(event, now, passedOver);
      }
      counterOf(event.outcome()).increment();
    } catch (IOException | RuntimeException e) {
      lost.increment();
      LOG.log(
          System.Logger.Level.ERROR,
          () ->
              "%s of %s by %s (%s) cannot be written to the audit log"
                  .formatted(event.action(), event.target(), event.principal(), event.outcome()),
          e);
    }
  }

  /** One for each action: no kind of refusal takes the place of another. Actions are few. */
  private RefusalAllowance allowanceOf(String action) {
    return allowances.computeIfAbsent(
        action, unused -> new RefusalAllowance(options.limits.refusalsPerMinute()));
  }

  private Metrics.Counter counterOf(AuditEvent.Outcome outcome) {
    Metrics.Counter counter = recorded.get(outcome);
    if (counter == null) {
      throw new IllegalStateException("every outcome has a counter");
    }
    return counter;
  }

  private void add(AuditEvent event, Instant now, long passedOver) throws IOException {
    long id = nextId;
    AuditEntry entry = AuditEntry.of(id, now, options.node, event, passedOver);
    byte[] line = AuditLines.write(id, entry);
    makeRoom(line.length);
    AuditPart last = parts.getLast();
    boolean full =
        last.entries() + 1 >= options.limits.entriesOfPart()
            || last.bytes() + line.length >= options.limits.bytesOfPart();
    // From here on the identity may stand on the disk, even where this fails.
    nextId++;
    broken = true;
    // With the last line of a part all of it is on the disk.
    last.add(id, entry, line, full || event.outcome() == AuditEvent.Outcome.DONE);
    broken = false;
    entries++;
    bytes += line.length;
  }

  /** Makes room for a line of so many bytes, and removes what is too old. */
  private void makeRoom(int coming) throws IOException {
    AuditLimits limits = options.limits;
    AuditPart last = parts.getLast();
    Instant oldest = oldestKept();
    if (broken) {
      // Where that fails as well nothing is added, and nothing made that nobody would remove.
      last.cut();
      broken = false;
    }
    if (last.entries() >= limits.entriesOfPart()
        || (last.bytes() > 0 && last.bytes() + coming > limits.bytesOfPart())
        || last.endedBefore(oldest)) {
      parts.add(nextPart());
    }
    int more = coming > 0 ? 1 : 0;
    while (parts.size() > 1
        && (entries + more > limits.mostEntries()
            || bytes + coming > limits.mostBytes()
            || parts.getFirst().entries() == 0
            || parts.getFirst().endedBefore(oldest))) {
      AuditPart first = parts.getFirst();
      first.delete();
      parts.removeFirst();
      entries -= first.entries();
      bytes -= first.bytes();
    }
  }

  private AuditPart nextPart() throws IOException {
    try {
      return AuditPart.create(options.directory, nextId);
    } catch (IOException e) {
      // It may be there all the same: its name is not used again.
      nextId++;
      throw e;
    }
  }

  private Instant oldestKept() {
    return options.clock.instant().minus(options.limits.keep());
  }

  /** Removes what is too old; to be called now and then, as nobody may record anything for long. */
  public void prune() {
    try {
      synchronized (lock) {
        makeRoom(0);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "what is too old stays in the audit log for now", e);
    }
  }

  @Override
  public AuditPage list(long after, int limit) {
    List<AuditEntry> found = new ArrayList<>();
    Instant oldest = oldestKept();
    for (AuditPart.View part : views()) {
      if (part.lastId() > after && found.size() <= limit) {
        read(part, after, oldest, limit + 1, found);
      }
    }
    return found.size() <= limit
        ? new AuditPage(found, Optional.empty())
        : new AuditPage(found.subList(0, limit), Optional.of(found.get(limit - 1).id()));
  }

  private List<AuditPart.View> views() {
    synchronized (lock) {
      return parts.stream().map(AuditPart::view).toList();
    }
  }

  private static void read(
      AuditPart.View part, long after, Instant oldest, int most, List<AuditEntry> found) {
    try (InputStream in = new FileInputStream(part.file().toFile())) {
      AuditLines.readAll(
          in,
          (line, end) -> {
            line.filter(whole -> whole.id() > after && whole.id() <= part.lastId())
                .flatMap(AuditLines::entryOf)
                .filter(entry -> !entry.at().isBefore(oldest))
                .ifPresent(found::add);
            return found.size() < most;
          });
    } catch (FileNotFoundException e) {
      // It has made room meanwhile.
      LOG.log(System.Logger.Level.DEBUG, "{0} is gone", part.file());
    } catch (IOException e) {
      throw DurableFiles.failure("reading the audit log", part.file(), e);
    }
  }

  private long entries() {
    synchronized (lock) {
      return entries;
    }
  }

  private long bytes() {
    synchronized (lock) {
      return bytes;
    }
  }
}
