package io.datawarehouse.sdk.replication;

import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.p2p.ContentSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Brings what was written here to other sites, and what was written there to this one, by the
 * change feeds. Both sides take writes all the time. Thread-safe.
 *
 * <p>An implementation MUST: (1) never hold up a write here for the sake of a site; (2) read the
 * feeds on from where the site acknowledged, so that a site that was away gets everything; (3) take
 * a batch again without harm; (4) let concurrent versions stand beside each other for the bucket's
 * resolver; (5) send nothing back where it came from; (6) keep blobs where residency rules want
 * them.
 *
 * @since 0.1
 */
public interface MultiRegionReplication {

  /** The capability: {@code dw.replication.sites.provider} names the one that runs. */
  CapabilityKey<MultiRegionReplication> CAPABILITY =
      CapabilityKey.of("replication.sites", MultiRegionReplication.class, Cardinality.SELECTED);

  /** Returns the name of this site. */
  String localSite();

  /** Returns how replication to each other site goes, sorted by name; a snapshot. */
  List<SiteStatus> sites();

  /**
   * Takes changes that come from another site and completes with the sequence up to which they are
   * durable here. Changes that came before are skipped; a gap fails with {@code
   * PRECONDITION_FAILED}, and the sender goes back to what {@link #received} says.
   *
   * @param site where they come from
   * @param contents gives the content of their versions, by the change
   */
  CompletionStage<Long> receive(String site, ChangeBatch batch, Contents contents);

  /** Returns up to where the feed of a node of another site is durable here; 0 for nothing. */
  long received(String site, NodeId origin);

  /**
   * Stops sending to a site; changes are kept. Returns whether that was a change.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException {@code NOT_FOUND} for an unknown site
   */
  boolean pause(String site);

  /** Goes on sending to a site; otherwise like {@link #pause}. */
  boolean resume(String site);

  /**
   * Completes when a site has all that stood in this node's feed at the time of the call, with
   * {@code true}, or when the limit is over, with {@code false}.
   *
   * @param limit how long to wait, more than zero
   */
  CompletionStage<Boolean> awaitSent(String site, Duration limit);

  /**
   * The content of changes. Thread-safe.
   *
   * @since 0.1
   */
  @FunctionalInterface
  interface Contents {
    /** Returns the content of a change's version; empty for a deletion. */
    Optional<ContentSource> of(Change change);
  }
}
