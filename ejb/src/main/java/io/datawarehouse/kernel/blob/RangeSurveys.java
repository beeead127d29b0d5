package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.sharding.RangePlanner.Survey;
import io.datawarehouse.kernel.sharding.RangeTraffic;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.kernel.sharding.Utf8Order;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.storage.ManifestCursor;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;

/** Looks at what this node holds of the ranges of a bucket. Thread-safe. */
final class RangeSurveys {

  private final StorageProvider store;
  private final RangeTraffic traffic;
  private final Predicate<BlobKey> owned;

  /**
   * Makes surveys.
   *
   * @param owned tells which keys belong to this node
   */
  RangeSurveys(StorageProvider store, RangeTraffic traffic, Predicate<BlobKey> owned) {
    this.store = store;
    this.traffic = traffic;
    this.owned = owned;
  }

  /**
   * Surveys all ranges.
   *
   * @param large over how many bytes the middle of a range is looked for; {@link
   *     NodeBlobs.SurveyQuestion#REQUESTS_ALONE} where what is held is not looked at
   */
  List<Survey> of(BucketName bucket, ShardMap map, long large) {
    int ranges = map.choice().strategy().shards().size();
    long[] bytes = new long[ranges];
    if (large != NodeBlobs.SurveyQuestion.REQUESTS_ALONE) {
      each(bucket, map, (manifest, range) -> bytes[range] += manifest.size());
    }
    List<Optional<String>> middles = middles(bucket, map, bytes, Math.max(0, large));
    RangeTraffic.Seen seen = traffic.look(bucket);
    List<List<String>> asked = new ArrayList<>();
    for (int range = 0; range < ranges; range++) {
      asked.add(new ArrayList<>());
    }
    seen.keys().forEach(key -> asked.get(map.choice().strategy().shardOf(key)).add(key));
    List<Survey> surveys = new ArrayList<>();
    for (int range = 0; range < ranges; range++) {
      List<String> keys = asked.get(range);
      double share = seen.keys().isEmpty() ? 0 : (double) keys.size() / seen.keys().size();
      surveys.add(
          new Survey(
              bytes[range], seen.requestsPerSecond() * share, middles.get(range), middle(keys)));
    }
    return surveys;
  }

  /** The key in the middle, unless it is the least one: then nothing would be left before it. */
  private static Optional<String> middle(List<String> keys) {
    List<String> sorted = keys.stream().sorted(Utf8Order::compare).toList();
    return sorted.isEmpty()
        ? Optional.empty()
        : Optional.of(sorted.get(sorted.size() / 2)).filter(key -> !key.equals(sorted.get(0)));
  }

  private List<Optional<String>> middles(
      BucketName bucket, ShardMap map, long[] bytes, long large) {
    List<Optional<String>> middles = new ArrayList<>();
    boolean any = false;
    for (long held : bytes) {
      middles.add(Optional.empty());
      any |= held > large;
    }
    if (!any) {
      return middles;
    }
    long[] before = new long[bytes.length];
    each(
        bucket,
        map,
        (manifest, range) -> {
          boolean half = before[range] * 2 >= bytes[range];
          if (half && before[range] > 0 && middles.get(range).isEmpty()) {
            middles.set(range, Optional.of(manifest.key()));
          }
          before[range] += manifest.size();
        });
    return middles;
  }

  private void each(BucketName bucket, ShardMap map, ObjIntConsumer<BlobManifest> work) {
    try (ManifestCursor cursor = store.openCursor(bucket)) {
      for (Optional<BlobManifest> found = cursor.next(); found.isPresent(); found = cursor.next()) {
        if (owned.test(found.get().blobKey())) {
          work.accept(found.get(), map.choice().strategy().shardOf(found.get().key()));
        }
      }
    }
  }
}
