package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What may be asked of a bucket, and when two askings are the same. */
final class BucketRules {

  private BucketRules() {}

  /** A bucket keeps the pipeline that it got when it was made, whatever the default is later. */
  static BucketSettings withPipeline(BucketSettings asked, ContentPipelines pipelines) {
    List<String> chosen = pipelines.choose(asked.pipeline());
    return asked.pipeline().isEmpty() && chosen.isEmpty() ? asked : asked.withPipeline(chosen);
  }

  /** Checks the names of a pipeline before anybody is told whether they are known. */
  static void requireNames(List<String> pipeline) {
    var unused = BucketSettings.none().withPipeline(pipeline);
  }

  /** Returns whether a bucket with the first settings is what the second ask for. */
  static boolean same(BucketSettings present, BucketSettings wanted) {
    return differing(present, wanted).isEmpty();
  }

  /** A setting that changes what happens to content is kept to the letter, or refused. */
  static void requireSupported(BucketSettings settings) {
    settings
        .versioning()
        .filter(wanted -> wanted)
        .ifPresent(
            wanted -> {
              throw unsupported(
                  "versioning", wanted, "this installation keeps the latest version only");
            });
    settings
        .retention()
        .filter(time -> !time.isZero())
        .ifPresent(
            time -> {
              throw unsupported(
                  "retention", time, "this installation cannot keep blobs from being deleted");
            });
  }

  private static WarehouseException unsupported(String setting, Object value, String why) {
    return WarehouseException.invalid(StandardErrorCode.SETTING_UNSUPPORTED, setting, value, why);
  }

  static void requireSame(BucketDefinition present, BucketSettings wanted) {
    List<String> differing = differing(present.settings(), wanted);
    if (!differing.isEmpty()) {
      throw new WarehouseException(
          StandardErrorCode.BUCKET_EXISTS,
          "bucket '"
              + present.name()
              + "' exists with other settings: "
              + String.join(", ", differing),
          Map.of("settings", String.join(",", differing)),
          null);
    }
  }

  private static List<String> differing(BucketSettings one, BucketSettings other) {
    List<String> names = new ArrayList<>();
    addIf(names, "replicationFactor", !one.replicationFactor().equals(other.replicationFactor()));
    addIf(names, "writeQuorum", !one.writeQuorum().equals(other.writeQuorum()));
    addIf(names, "replication", !one.replication().equals(other.replication()));
    addIf(names, "conflictResolver", !one.conflictResolver().equals(other.conflictResolver()));
    addIf(names, "sharding", !one.sharding().equals(other.sharding()));
    addIf(names, "pipeline", differsInPipeline(one, other));
    addIf(names, "versioning", !one.versioning().equals(other.versioning()));
    addIf(names, "quotaBytes", !one.quotaBytes().equals(other.quotaBytes()));
    addIf(names, "retention", !one.retention().equals(other.retention()));
    return names;
  }

  /** A bucket has the pipeline of its making or of its last change; asking for none fits any. */
  private static boolean differsInPipeline(BucketSettings present, BucketSettings wanted) {
    return wanted.pipeline().isPresent()
        && !wanted.pipeline().get().equals(present.pipeline().orElse(List.of()));
  }

  private static void addIf(List<String> names, String name, boolean differs) {
    if (differs) {
      names.add(name);
    }
  }
}
