package io.datawarehouse.sdk.federation;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Another kernel, as this one works with it. Thread-safe; one object stands for one peer and
 * outlives broken connections. Used by the kernel and by strategies that copy content; features use
 * the bus.
 *
 * <p>Every stage completes, at the latest soon after the limit of its call, on a thread of the
 * implementation: what is attached must not block. Stages and streams fail with {@code UNAVAILABLE}
 * where the peer cannot be reached, {@code TIMEOUT}, {@code CIRCUIT_OPEN}, or with the peer's own
 * {@code WarehouseException}.
 *
 * <p>An implementation MUST: (1) shake hands before anything else and again after every
 * reconnection, and refuse all else while the peer refuses; (2) hold senders back rather than
 * buffer without limit; (3) let many reads and writes go on at the same time without one slow one
 * delaying the others; (4) give content as it is, checked from end to end.
 *
 * @since 0.1
 */
public interface FederationNode extends AutoCloseable {

  /** Returns the peer's identity. */
  NodeId nodeId();

  /**
   * Says hello and completes with the peer's answer. Being refused is an answer.
   *
   * @param limit how long that may take, more than zero
   */
  CompletionStage<FederationWelcome> handshake(FederationHello hello, Duration limit);

  /**
   * Completes with the manifest of the version that stands at the peer; empty where it has none.
   *
   * @param limit how long that may take, more than zero
   */
  CompletionStage<Optional<BlobManifest>> manifest(BlobKey key, Duration limit);

  /**
   * Opens content for reading and completes when its manifest is here; the caller closes it. Fails
   * with {@code NO_SUCH_BLOB} where the peer has no such version, {@code RANGE_NOT_SATISFIABLE}
   * where the content is shorter than the offset.
   */
  CompletionStage<FederatedRead> openRead(ReadRequest request);

  /**
   * Opens a copy for writing; the caller closes it. Returns at once: that the peer cannot be
   * reached shows when something is written.
   *
   * @param manifest the version that is copied; its size, or stored size, says how many bytes will
   *     come
   * @param form in which form
   * @param stall how long the peer may take nothing before writing counts as failed, more than zero
   */
  FederatedWrite openWrite(BlobManifest manifest, ContentForm form, Duration stall);

  /** Ends all that is under way with the peer. Does nothing the second time; never throws. */
  @Override
  void close();
}
