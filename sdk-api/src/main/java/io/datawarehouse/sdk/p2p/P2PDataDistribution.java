package io.datawarehouse.sdk.p2p;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.federation.ContentForm;
import io.datawarehouse.sdk.federation.FederatedRead;
import io.datawarehouse.sdk.federation.ReadRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Brings copies of blobs to peers and fetches them from peers. Thread-safe.
 *
 * <p>Every stage completes, at the latest soon after its limit, on a thread of the implementation:
 * what is attached must not block. A target that fails is a line of the report, not an exception.
 *
 * <p>An implementation MUST: (1) stream: hold a bounded number of bytes whatever the size; (2) not
 * let a slow target hold up the others; (3) never replace a version by one that it has seen; (4)
 * count a copy only when its target has it durably; (5) be safe to repeat.
 *
 * @since 0.1
 */
public interface P2PDataDistribution {

  /** The capability: {@code dw.p2p.distribution.provider} names the one that runs. */
  CapabilityKey<P2PDataDistribution> CAPABILITY =
      CapabilityKey.of("p2p.distribution", P2PDataDistribution.class, Cardinality.SELECTED);

  /**
   * Copies a version to other nodes and completes as soon as enough of them have it, or no more can
   * be reached. Copies that are under way then go on.
   *
   * @param manifest the version
   * @param content its content, in that form
   * @param form in which form it is given, sent and kept; a target without the bucket's pipeline
   *     refuses {@link ContentForm#STORED}
   * @param targets who is to have it, each once, without this node
   * @param enough how many targets must have it before the stage completes, 0 to their number
   * @param limit how long that may take, more than zero
   */
  CompletionStage<CopyReport> distribute(
      BlobManifest manifest,
      ContentSource content,
      ContentForm form,
      List<NodeId> targets,
      int enough,
      Duration limit);

  /**
   * Opens a blob at the first of some nodes that can give it; the caller closes it. A source that
   * turns out to be damaged or away is followed by the next one.
   *
   * <p>Fails with {@code NO_SUCH_BLOB} where all answered that they have none, with {@code
   * UNAVAILABLE} where some could not be asked and no other had it.
   *
   * @param sources who may have it, the best first
   */
  CompletionStage<FederatedRead> fetch(ReadRequest request, List<NodeId> sources);

  /**
   * Asks some nodes which version they have; completes with the answers that came, by node. Nodes
   * that did not answer, or have none, are not in it.
   *
   * @param limit how long to wait, more than zero
   */
  CompletionStage<Map<NodeId, BlobManifest>> locate(
      BlobKey key, List<NodeId> nodes, Duration limit);
}
