package io.datawarehouse.kernel.rebalance;

import io.datawarehouse.kernel.blob.BlobCopies;
import io.datawarehouse.kernel.placement.Ownership;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Goes through all that leaves a node, page by page in the order of keys: tells the receivers what
 * there is, so that they drop what there is not, and sends what they lack. Confined to one thread.
 */
final class FullComparison {

  private static final int PAGE = 200;

  private final BlobCopies copies;
  private final CopySender sender;
  private final Ownership ownership;
  private final NodeId self;

  FullComparison(BlobCopies copies, CopySender sender, Ownership ownership, NodeId self) {
    this.copies = copies;
    this.sender = sender;
    this.ownership = ownership;
    this.self = self;
  }

  /**
   * Compares and sends everything.
   *
   * @param check throws where it is to stop
   */
  void run(Departure departure, Runnable check) {
    List<BucketName> buckets = departure.change().bucket().map(List::of).orElseGet(copies::buckets);
    for (BucketName bucket : buckets) {
      String after = "";
      boolean more = true;
      while (more) {
        check.run();
        BlobCopies.Page page =
            copies.page(bucket, after, Optional.empty(), departure.scope(), PAGE);
        compare(departure, bucket, after, page, check);
        more = page.next().isPresent();
        after = page.next().orElse(after);
      }
    }
  }

  private void compare(
      Departure departure, BucketName bucket, String after, BlobCopies.Page page, Runnable check) {
    Map<NodeId, List<BlobManifest>> byTarget = new HashMap<>();
    for (BlobManifest manifest : page.manifests()) {
      departure
          .change()
          .routeOf(manifest.blobKey(), ownership)
          .ifPresent(
              route -> byTarget.computeIfAbsent(route.to(), to -> new ArrayList<>()).add(manifest));
    }
    for (NodeId target : departure.targets(self)) {
      List<String> missing =
          sender.compare(
              target,
              new NodeMoves.Compare(
                  departure.session(),
                  bucket,
                  after,
                  page.next(),
                  byTarget.getOrDefault(target, List.of())));
      for (String key : missing) {
        check.run();
        departure.sent(sender.send(target, departure.session(), new BlobKey(bucket, key)));
      }
    }
  }
}
