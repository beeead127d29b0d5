package io.datawarehouse.kernel.deadletter;

import io.datawarehouse.kernel.bus.DeadLetterSink;
import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.MessageKind;
import io.datawarehouse.sdk.message.PayloadCodec;
import io.datawarehouse.sdk.message.TraceContext;
import io.datawarehouse.sdk.metric.Metrics;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Dead letters in the kernel's own durable map. A letter's payload is written first, in chunks that
 * the map can hold, then its description, which makes it exist; so a crash between leaves chunks
 * without a letter, removed at the next start. Holds at most a set number; the oldest make room for
 * new ones and are counted. Thread-safe.
 */
public final class DeadLetterStore implements DeadLetterSink {

  private static final System.Logger LOG = System.getLogger(DeadLetterStore.class.getName());
  private static final String LETTER = "letter.";
  private static final String CHUNK = "payload.";
  private static final int CHUNK_BYTES = 512 * 1024;
  private static final int LONGEST_REASON = 4096;
  private static final long MOST_BYTES_OF_PAGE = 4L << 20;

  /** A letter as it is stored: all but the payload. */
  private record Description(
      String messageId,
      String topic,
      MessageKind kind,
      Optional<String> subscriber,
      String code,
      String reason,
      Instant failedAt,
      int attempts,
      Optional<String> affinityKey,
      String correlationId,
      Optional<TraceContext> trace,
      Map<String, String> headers,
      String contentType,
      int payloadBytes) {}

  private final KernelStorage storage;
  private final PayloadCodec codec;
  private final Clock clock;
  private final int capacity;
  private final ConcurrentSkipListSet<String> ids = new ConcurrentSkipListSet<>();
  private final AtomicLong sequence = new AtomicLong();
  private final Metrics.Counter kept;
  private final Metrics.Counter dropped;
  private final Metrics.Counter damaged;

  /** Held while a letter is changed or removed, so that no change brings back a removed letter. */
  private final Object changes = new Object();

  /**
   * Opens the dead letters that are there.
   *
   * @param storage a durable map that nobody else writes to
   * @param capacity how many letters are kept at most
   */
  public DeadLetterStore(
      KernelStorage storage, PayloadCodec codec, Clock clock, Metrics metrics, int capacity) {
    this.storage = storage;
    this.codec = codec;
    this.clock = clock;
    this.capacity = capacity;
    this.kept = metrics.counter("deadletters.kept", "Messages kept as dead letters", Map.of());
    this.dropped =
        metrics.counter(
            "deadletters.dropped", "Dead letters that made room for new ones", Map.of());
    this.damaged =
        metrics.counter(
            "deadletters.damaged", "Dead letters left out because they are damaged", Map.of());
    metrics.gauge("deadletters.waiting", "Dead letters that wait", Map.of(), ids::size);
    storage.keys(LETTER).forEach(key -> ids.add(key.substring(LETTER.length())));
    removeWhatIsNotWhole();
  }

  @Override
  public void keep(Message message, Optional<String> subscriber, WarehouseException why) {
    Bytes payload = message.payload().toBytes(codec);
    String id = nextId();
    write(
        new DeadLetter(
            id,
            message.id().toString(),
            message.topic().name(),
            message.kind(),
            subscriber,
            why.code().name(),
            shortened(why.detail()),
            clock.instant(),
            1,
            message.affinityKey(),
            message.correlationId().toString(),
            message.trace(),
            message.headers(),
            message.payload().contentType(),
            payload));
    ids.add(id);
    kept.increment();
    LOG.log(
        System.Logger.Level.INFO,
        "{0} became dead letter {1}: {2}",
        message,
        id,
        why.code().name());
    makeRoom();
  }

  DeadLetterPage list(Optional<String> after, int limit) {
    List<DeadLetter> page = new ArrayList<>();
    long bytes = 0;
    for (String id : after.isPresent() ? ids.tailSet(after.get(), false) : ids) {
      Optional<DeadLetter> found = findReadable(id);
      if (found.isEmpty()) {
        continue;
      }
      DeadLetter letter = found.get();
      bytes += letter.payload().size();
      if (page.size() == limit || (!page.isEmpty() && bytes > MOST_BYTES_OF_PAGE)) {
        return new DeadLetterPage(page, Optional.of(page.get(page.size() - 1).id()));
      }
      page.add(letter);
    }
    return new DeadLetterPage(page, Optional.empty());
  }

  private Optional<DeadLetter> findReadable(String id) {
    try {
      return find(id);
    } catch (RuntimeException e) {
      if (ids.contains(id)) {
        damaged.increment();
        LOG.log(System.Logger.Level.WARNING, "dead letter " + id + " cannot be read", e);
      }
      return Optional.empty();
    }
  }

  Optional<DeadLetter> find(String id) {
    if (!ids.contains(id)) {
      return Optional.empty();
    }
    return storage.get(LETTER + id).map(bytes -> read(id, bytes));
  }

  long size() {
    return ids.size();
  }

  boolean delete(String id) {
    synchronized (changes) {
      if (!ids.remove(id)) {
        return false;
      }
      storage.delete(LETTER + id);
      storage.keys(CHUNK + id + ".").forEach(storage::delete);
      return true;
    }
  }

  /** Replaces what is said about a letter that is still there; its payload stays. */
  void update(DeadLetter letter) {
    synchronized (changes) {
      if (ids.contains(letter.id())) {
        writeDescription(letter);
      }
    }
  }

  private String nextId() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(clock.millis(), 12)
        + hex.toHexDigits(sequence.getAndIncrement(), 6)
        + hex.toHexDigits(System.nanoTime(), 4);
  }

  private void write(DeadLetter letter) {
    ByteBuffer rest = letter.payload().asByteBuffer();
    for (int chunk = 0; rest.hasRemaining(); chunk++) {
      ByteBuffer part = rest.slice(rest.position(), Math.min(CHUNK_BYTES, rest.remaining()));
      rest.position(rest.position() + part.remaining());
      storage.put(chunkKey(letter.id(), chunk), Bytes.copyOf(part));
    }
    writeDescription(letter);
  }

  private void writeDescription(DeadLetter letter) {
    Description description =
        new Description(
            letter.messageId(),
            letter.topic(),
            letter.kind(),
            letter.subscriber(),
            letter.code(),
            shortened(letter.reason()),
            letter.failedAt(),
            letter.attempts(),
            letter.affinityKey(),
            letter.correlationId(),
            letter.trace(),
            letter.headers(),
            letter.contentType(),
            letter.payload().size());
    storage.put(LETTER + letter.id(), Bytes.copyOf(Json.write(description)));
  }

  private DeadLetter read(String id, Bytes bytes) {
    Description description = Json.read(bytes.toArray(), Description.class);
    ByteBuffer payload = ByteBuffer.allocate(description.payloadBytes);
    for (int chunk = 0; payload.hasRemaining(); chunk++) {
      Bytes part =
          storage
              .get(chunkKey(id, chunk))
              .orElseThrow(
                  () ->
                      new WarehouseException(
                          StandardErrorCode.NOT_FOUND, "dead letter '" + id + "' was removed"));
      payload.put(part.asByteBuffer());
    }
    payload.flip();
    return new DeadLetter(
        id,
        description.messageId,
        description.topic,
        description.kind,
        description.subscriber,
        description.code,
        description.reason,
        description.failedAt,
        description.attempts,
        description.affinityKey,
        description.correlationId,
        description.trace,
        description.headers,
        description.contentType,
        Bytes.copyOf(payload));
  }

  private static String chunkKey(String id, int chunk) {
    return CHUNK + id + "." + HexFormat.of().toHexDigits(chunk, 4);
  }

  /** Of a letter that was being written or removed when the node died, only a part is there. */
  private void removeWhatIsNotWhole() {
    Set<String> withPayload = new HashSet<>();
    for (String key : storage.keys(CHUNK)) {
      String id = key.substring(CHUNK.length(), key.lastIndexOf('.'));
      if (ids.contains(id)) {
        withPayload.add(id);
      } else {
        storage.delete(key);
      }
    }
    for (String id : List.copyOf(ids)) {
      if (!withPayload.contains(id) && findReadable(id).isEmpty()) {
        LOG.log(System.Logger.Level.WARNING, "dead letter {0} has lost its payload: removed", id);
        delete(id);
      }
    }
  }

  /** A reason says why, not everything: with it a description always fits the map. */
  private static String shortened(String reason) {
    return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "...";
  }

  private void makeRoom() {
    while (ids.size() > capacity) {
      String oldest = ids.first();
      if (delete(oldest)) {
        dropped.increment();
        LOG.log(
            System.Logger.Level.WARNING,
            "dead letter {0} was removed: more than {1} are waiting",
            oldest,
            capacity);
      }
    }
  }
}
