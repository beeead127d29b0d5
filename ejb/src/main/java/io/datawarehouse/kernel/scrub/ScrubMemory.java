package io.datawarehouse.kernel.scrub;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.kernel.KernelStorage;
import io.datawarehouse.sdk.message.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a scrub remembers over restarts: how far it is, and what it found. Thread-safe. At most
 * {@link #MOST_FINDINGS} findings are kept; more are only counted and logged.
 */
final class ScrubMemory {

  static final int MOST_FINDINGS = 200;

  private static final String STATE = "state";
  private static final int LONGEST_REASON = 1_000;

  /** The stored form. */
  private record State(Optional<BlobKey> place, List<Finding> findings) {}

  private final KernelStorage storage;

  // All guarded by this.
  private final Map<BlobKey, Finding> findings = new LinkedHashMap<>();
  private @Nullable BlobKey place;

  ScrubMemory(KernelStorage storage) {
    this.storage = storage;
    storage
        .get(STATE)
        .map(bytes -> Json.read(bytes.toArray(), State.class))
        .ifPresent(
            state -> {
              place = state.place.orElse(null);
              state.findings.forEach(finding -> findings.put(finding.blob(), finding));
            });
  }

  /** Returns the last blob of this round that was read; empty at the beginning of one. */
  synchronized Optional<BlobKey> place() {
    return Optional.ofNullable(place);
  }

  synchronized Collection<Finding> findings() {
    return new ArrayList<>(findings.values());
  }

  synchronized void moveTo(@Nullable BlobKey newPlace) {
    place = newPlace;
    save();
  }

  /** Remembers damage; returns whether it was not known. */
  synchronized boolean add(BlobKey blob, String reason, Instant now) {
    if (findings.containsKey(blob) || findings.size() == MOST_FINDINGS) {
      return !findings.containsKey(blob);
    }
    String kept = reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
    findings.put(blob, new Finding(blob, kept, now));
    save();
    return true;
  }

  /** Forgets damage, because the blob is gone, was written anew, or reads well. */
  synchronized void remove(BlobKey blob) {
    if (findings.remove(blob) != null) {
      save();
    }
  }

  private void save() {
    State state = new State(Optional.ofNullable(place), List.copyOf(findings.values()));
    storage.put(STATE, Bytes.copyOf(Json.write(state)));
  }
}
