package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.replication.Conflict;
import io.datawarehouse.sdk.replication.ConflictResolver;
import io.datawarehouse.sdk.replication.ConflictResolverPluginBase;
import io.datawarehouse.sdk.replication.Resolution;
import io.datawarehouse.sdk.replication.Sibling;
import io.datawarehouse.sdk.replication.SiblingContents;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeSet;

/** Resolvers as plugins write them. */
final class SampleResolvers {

  private SampleResolvers() {}

  static ConflictResolver lastWriter() {
    return new LastWriter();
  }

  static ConflictResolver lines() {
    return new Lines();
  }

  /** The latest time wins; a tie goes to the greater etag, which every node knows alike. */
  private static final class LastWriter extends ConflictResolverPluginBase {
    LastWriter() {
      super(PluginManifest.of("lww", "Last writer", "1.0.0", "conflict"), "last-writer-wins");
    }

    @Override
    public Resolution resolve(Conflict conflict, SiblingContents contents) {
      Sibling winner =
          Collections.max(
              conflict.siblings(),
              Comparator.comparing((Sibling sibling) -> sibling.manifest().lastModified())
                  .thenComparing(sibling -> sibling.manifest().etag()));
      return new Resolution.Keep(winner, "written last, at " + winner.manifest().lastModified());
    }
  }

  /** Lines of text as a set. */
  private static final class Lines extends ConflictResolverPluginBase {
    Lines() {
      super(PluginManifest.of("lines", "Lines", "1.0.0", "conflict"), "lines");
    }

    @Override
    public Resolution resolve(Conflict conflict, SiblingContents contents) {
      if (conflict.siblings().stream().anyMatch(sibling -> sibling.manifest().deleted())) {
        return new Resolution.KeepAll("a deletion cannot be merged with lines");
      }
      TreeSet<String> lines = new TreeSet<>();
      for (Sibling sibling : conflict.siblings()) {
        contents.read(sibling).asUtf8().lines().forEach(lines::add);
      }
      return new Resolution.Merge(
          Bytes.utf8(String.join("\n", lines)), "text/plain", Map.of(), "all lines of all");
    }
  }
}
