package io.datawarehouse.kernel.keys;

import io.datawarehouse.kernel.keys.KeyOffice.Rotation;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What the kernels of a cluster ask and tell each other about the keys that each of them has:
 * topics and messages. Each goes to one certain node. No key is ever in them.
 */
final class NodeKeys {

  /** Query: {@link StatusQuestion} to {@link KeyOffice.KeysStatus}. */
  static final Topic STATUS = Topic.of("kernel.keys.status");

  /** Command: {@link Rotate} to {@link Rotated}. */
  static final Topic ROTATE = Topic.of("kernel.keys.rotate");

  /** Command: {@link CarryOut} to {@link CarriedOut}. */
  static final Topic DESTROY = Topic.of("kernel.keys.destroy");

  private NodeKeys() {}

  /**
   * Asks what keys a node has.
   *
   * @param bucket of which bucket; of all where empty
   */
  record StatusQuestion(Optional<BucketName> bucket) {}

  /** Which keys are to be rotated. */
  enum Scope {
    MASTER,
    BUCKET,
    BUCKETS
  }

  /**
   * Tells a node to rotate keys.
   *
   * @param scope which
   * @param bucket of which bucket, where it is one
   */
  record Rotate(Scope scope, Optional<BucketName> bucket) {
    Rotate {
      Objects.requireNonNull(scope, "scope");
      if (bucket.isPresent() != (scope == Scope.BUCKET)) {
        throw WarehouseException.invalid("bucket", bucket.orElse(null), "belongs to scope BUCKET");
      }
    }

    /** Does it. */
    Rotation with(KeyOffice office) {
      return switch (scope) {
        case MASTER -> office.rotateMaster();
        case BUCKETS -> office.rotateBuckets();
        case BUCKET -> office.rotateBucket(bucket.orElseThrow());
      };
    }

    @Override
    public String toString() {
      return scope.name().toLowerCase(Locale.ROOT)
          + bucket.map(name -> " " + name.value()).orElse("");
    }
  }

  /**
   * What a node says to that: what it did, or why it could not.
   *
   * @param done what it did
   * @param problem why it did nothing
   */
  record Rotated(Optional<Rotation> done, Optional<Problem> problem) {
    Rotated {
      if (done.isPresent() == problem.isPresent()) {
        throw new IllegalArgumentException("a node rotated or could not");
      }
    }
  }

  /**
   * An error as it travels.
   *
   * @param code its code
   * @param reason in words
   */
  record Problem(String code, String reason) {

    static Problem of(WarehouseException failure) {
      return new Problem(failure.code().name(), failure.detail());
    }

    boolean is(StandardErrorCode wanted) {
      return code.equals(wanted.name());
    }

    /** Returns it as an error of this node; a code that is not known here is UNAVAILABLE. */
    WarehouseException toException(String where) {
      for (StandardErrorCode known : StandardErrorCode.values()) {
        if (is(known)) {
          return new WarehouseException(known, where + ": " + reason);
        }
      }
      return new WarehouseException(
          StandardErrorCode.UNAVAILABLE, where + ": " + code + ", " + reason);
    }
  }

  /**
   * Tells a node to destroy the keys of a bucket as the cluster decreed; it looks up itself whether
   * that is so.
   *
   * @param bucket whose keys
   * @param decree the number of the decree
   */
  record CarryOut(BucketName bucket, long decree) {
    CarryOut {
      Objects.requireNonNull(bucket, "bucket");
    }
  }

  /**
   * The decree is carried out on that node, durably.
   *
   * @param destroyed the keys that are gone by it
   */
  record CarriedOut(List<String> destroyed) {
    CarriedOut {
      destroyed = List.copyOf(destroyed);
    }
  }
}
