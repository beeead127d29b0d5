package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.sharding.Utf8Order;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Lists a bucket whose blobs lie on several nodes: asks each for a page of its own and takes the
 * first items of all. Whatever a node has beyond its page comes after that page's last item, so the
 * merged page ends there at the latest. Thread-safe; blocks.
 */
final class SpreadListings {

  private final BucketRegistry registry;
  private final Owners owners;

  SpreadListings(BucketRegistry registry, Owners owners) {
    this.registry = registry;
    this.owners = owners;
  }

  BlobListing list(ListBlobs query) {
    BucketRegistry.Agreed unused = registry.present(query.bucket());
    Owners.Answers<NodeBlobs.ListAnswer> pages =
        owners.askAgreeing(
            NodeBlobs.LIST,
            Optional.of(query.bucket()),
            stamp -> new NodeBlobs.ListQuestion(query, stamp),
            NodeBlobs.ListAnswer.class);
    return merge(
        pages.replies().values().stream().map(NodeBlobs.ListAnswer::page).toList(),
        query.limit(),
        pages);
  }

  private static BlobListing merge(List<BlobListing> pages, int limit, Owners.Answers<?> answers) {
    // A rolled-up prefix has no manifest.
    TreeMap<String, Optional<BlobManifest>> items = new TreeMap<>(Utf8Order::compare);
    Optional<String> end = Optional.empty();
    for (BlobListing page : pages) {
      page.blobs().forEach(blob -> items.put(blob.key(), Optional.of(blob)));
      page.prefixes().forEach(prefix -> items.putIfAbsent(prefix, Optional.empty()));
      if (page.next().isPresent()
          && (end.isEmpty() || Utf8Order.compare(page.next().get(), end.get()) < 0)) {
        end = page.next();
      }
    }
    List<BlobManifest> blobs = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    String last = "";
    for (var item : items.entrySet()) {
      boolean full = blobs.size() + prefixes.size() == limit;
      boolean beyond = end.isPresent() && Utf8Order.compare(item.getKey(), end.get()) > 0;
      if (full || beyond) {
        return new BlobListing(blobs, prefixes, Optional.of(last), answers.missing());
      }
      last = item.getKey();
      item.getValue().ifPresentOrElse(blobs::add, () -> prefixes.add(item.getKey()));
    }
    return new BlobListing(
        blobs, prefixes, end.isPresent() ? Optional.of(last) : Optional.empty(), answers.missing());
  }
}
