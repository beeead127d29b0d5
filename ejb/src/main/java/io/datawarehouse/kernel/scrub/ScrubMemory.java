package io.datawarehouse.kernel.scrub;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a scrub remembers over restarts: how far it is, how the last round went, and what it found.
 * Thread-safe. At most {@link #MOST_FINDINGS} findings are kept; of those beyond it only the number
 * is known. What cannot be read or written is logged and never stops the scrub, nor the boot: all
 * of it can be found out again.
 */
final class ScrubMemory {

  static final int MOST_FINDINGS = 1_000;

  private static final System.Logger LOG = System.getLogger(ScrubMemory.class.getName());
  private static final String ROUNDS = "rounds";
  private static final String FOUND = "found/";
  private static final int LONGEST_REASON = 500;

  /** The stored form. */
  private record Rounds(Optional<Round> present, Optional<Round> last) {}

  private final KernelStorage storage;

  // All guarded by this.
  private final TreeMap<String, Finding> findings = new TreeMap<>();
  private Rounds rounds = new Rounds(Optional.empty(), Optional.empty());
  private long unlisted;

  ScrubMemory(KernelStorage storage) {
    this.storage = storage;
    for (String name : storage.keys("")) {
      if (name.equals(ROUNDS)) {
        load(name, Rounds.class).ifPresent(stored -> rounds = stored);
      } else if (name.startsWith(FOUND)) {
        load(name, Finding.class).ifPresent(found -> findings.put(found.id(), found));
      } else {
        forget(name);
      }
    }
  }

  private <T> Optional<T> load(String name, Class<T> type) {
    try {
      return storage.get(name).map(stored -> Json.read(stored.toArray(), type));
    } catch (WarehouseException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "what the scrub remembered as {0} cannot be read, it will be found out anew: {1}",
          name,
          e.detail());
      forget(name);
      return Optional.empty();
    }
  }

  /** Returns the round that is under way. */
  synchronized Optional<Round> present() {
    return rounds.present;
  }

  /** Returns the last round that came to its end. */
  synchronized Optional<Round> last() {
    return rounds.last;
  }

  /** Begins a round, in which everything is found again that is damaged. */
  synchronized void begin(Round round) {
    unlisted = 0;
    moveTo(round);
  }

  synchronized void moveTo(Round round) {
    rounds = new Rounds(Optional.of(round), rounds.last);
    save(ROUNDS, rounds);
  }

  synchronized void end(Round round) {
    rounds = new Rounds(Optional.empty(), Optional.of(round));
    save(ROUNDS, rounds);
  }

  synchronized List<Finding> findings() {
    return List.copyOf(findings.values());
  }

  /** Returns at most so many findings that come after one, by its id. */
  synchronized List<Finding> findings(String after, int limit) {
    return findings.tailMap(after, false).values().stream().limit(limit).toList();
  }

  synchronized long damaged() {
    return findings.size() + unlisted;
  }

  /** Remembers damage; returns whether it was not known. */
  synchronized boolean add(Finding seen) {
    Finding found = shortened(seen);
    Finding known = findings.get(found.id());
    if (known != null && known.version().equals(found.version())) {
      return false;
    }
    if (known == null && findings.size() == MOST_FINDINGS) {
      unlisted++;
      return true;
    }
    findings.put(found.id(), found);
    save(nameOf(found.id()), found);
    return true;
  }

  private static Finding shortened(Finding found) {
    String reason = found.reason();
    return reason.length() <= LONGEST_REASON
        ? found
        : found.because(reason.substring(0, LONGEST_REASON));
  }

  /** Forgets damage, because the blob is gone, was written anew, or reads well. */
  synchronized void remove(String id) {
    if (findings.remove(id) != null) {
      forget(nameOf(id));
    }
  }

  private void save(String name, Object value) {
    try {
      storage.put(name, Bytes.copyOf(Json.write(value)));
    } catch (WarehouseException e) {
      // It goes on by what is in memory; a restart may have to look again.
      LOG.log(
          System.Logger.Level.WARNING, "the scrub cannot write down {0}: {1}", name, e.detail());
    }
  }

  private void forget(String name) {
    try {
      storage.delete(name);
    } catch (WarehouseException e) {
      LOG.log(System.Logger.Level.WARNING, "the scrub cannot forget {0}: {1}", name, e.detail());
    }
  }

  private static String nameOf(String id) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      return FOUND + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }
}
