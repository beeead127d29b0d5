package io.datawarehouse.kernel.keys;

import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.security.MasterWrapping;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One key of a bucket as it is stored. Immutable.
 *
 * @param id its name, of the bucket's name, its version and something random
 * @param version 1 for the bucket's first, then counting
 * @param state what it is good for
 * @param createdAt when it was made
 * @param retiredAt when another took its place
 * @param destroyedAt when it was destroyed
 * @param masterKeyId which master key wrapped it; empty once it is destroyed
 * @param wrapped the key, wrapped; empty once it is destroyed
 */
record BucketKey(
    String id,
    int version,
    KeyState state,
    Instant createdAt,
    Optional<Instant> retiredAt,
    Optional<Instant> destroyedAt,
    Optional<String> masterKeyId,
    Optional<Bytes> wrapped) {

  /** Checks that nothing is missing. */
  BucketKey {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(createdAt, "createdAt");
    Objects.requireNonNull(retiredAt, "retiredAt");
    Objects.requireNonNull(destroyedAt, "destroyedAt");
    if (masterKeyId.isPresent() != wrapped.isPresent()
        || wrapped.isPresent() == (state == KeyState.DESTROYED)) {
      throw new IllegalArgumentException("key '" + id + "' cannot be " + state);
    }
  }

  static BucketKey active(String id, int version, Instant now, MasterWrapping wrapping) {
    return new BucketKey(
        id,
        version,
        KeyState.ACTIVE,
        now,
        Optional.empty(),
        Optional.empty(),
        Optional.of(wrapping.masterKeyId()),
        Optional.of(wrapping.material()));
  }

  /** Returns the wrapped key, unless it is destroyed. */
  Optional<MasterWrapping> wrapping() {
    return masterKeyId.flatMap(
        master -> wrapped.map(material -> new MasterWrapping(master, material)));
  }

  /** Returns this key no longer active; itself where it is not. */
  BucketKey retired(Instant now) {
    return state != KeyState.ACTIVE
        ? this
        : new BucketKey(
            id,
            version,
            KeyState.RETIRED,
            createdAt,
            Optional.of(now),
            destroyedAt,
            masterKeyId,
            wrapped);
  }

  /** Returns what is left of this key when it is destroyed; itself where it was before. */
  BucketKey destroyed(Instant now) {
    return state == KeyState.DESTROYED
        ? this
        : new BucketKey(
            id,
            version,
            KeyState.DESTROYED,
            createdAt,
            retiredAt,
            Optional.of(now),
            Optional.empty(),
            Optional.empty());
  }

  /** Returns this key wrapped by another master key. */
  BucketKey rewrapped(MasterWrapping wrapping) {
    return new BucketKey(
        id,
        version,
        state,
        createdAt,
        retiredAt,
        destroyedAt,
        Optional.of(wrapping.masterKeyId()),
        Optional.of(wrapping.material()));
  }

  @Override
  public String toString() {
    return id + " " + state;
  }
}
