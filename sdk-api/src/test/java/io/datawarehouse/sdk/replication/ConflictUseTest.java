package io.datawarehouse.sdk.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.plugin.PluginManifest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Uses of conflict resolving: last writer wins, and a set that grows. */
class ConflictUseTest {

  private static final BlobKey KEY = BlobKey.of("bucket", "key");
  private static final VersionVector NOTHING = VersionVector.empty();

  private final Sibling onA = Siblings.of("apples", Siblings.version("a", 1, NOTHING), false);
  private final Sibling onB = Siblings.of("pears", Siblings.version("b", 2, NOTHING), false);
  private final Sibling gone = Siblings.of("", Siblings.version("c", 1, NOTHING), true);

  @Test
  void whatSomebodyHasSeenIsNoConflict() {
    Sibling later = Siblings.of("later", Siblings.version("b", 1, onA.version().seen()), false);

    assertThat(Sibling.newest(List.of(onA, later))).containsExactly(later);
    assertThatThrownBy(() -> new Conflict(KEY, List.of(onA, later)))
        .hasMessageContaining("siblings is '2 siblings'");
    assertThatThrownBy(() -> new Conflict(KEY, List.of(onA)))
        .hasMessageContaining("siblings is '1 siblings'");
  }

  @Test
  void lastWriterWinsWhateverTheOrderOfArrival() {
    ConflictResolver resolver = new LastWriter();
    for (long seed = 0; seed < 50; seed++) {
      List<Sibling> arrived = new ArrayList<>(List.of(onA, onB, gone));
      Collections.shuffle(arrived, new Random(seed));

      Resolution resolution = resolver.resolve(new Conflict(KEY, arrived), none());

      assertThat(resolution).as("seed %d", seed).isInstanceOf(Resolution.Keep.class);
      assertThat(((Resolution.Keep) resolution).winner()).as("seed %d", seed).isEqualTo(onB);
    }
  }

  @Test
  void setsAreMergedAndTheMergeHasSeenEverybody() {
    Conflict conflict = new Conflict(KEY, List.of(onB, onA));

    Resolution resolution =
        new GrowingSet()
            .resolve(conflict, sibling -> Bytes.utf8(sibling.manifest().etag() + "\nplums"));

    assertThat(((Resolution.Merge) resolution).content().asUtf8())
        .isEqualTo("apples\npears\nplums");
    VersionVector seen = conflict.seen();
    assertThat(seen.covers(onA.version().dot()) && seen.covers(onB.version().dot())).isTrue();
    assertThat(new GrowingSet().resolve(new Conflict(KEY, List.of(onA, gone)), none()))
        .isInstanceOf(Resolution.KeepAll.class);
  }

  @Test
  void bundleSaysWhatItWouldDo() {
    Sibling newer = Siblings.of("newer", Siblings.version("a", 2, onA.version().seen()), false);

    assertThat(BundlePreview.classify(onA, Optional.empty())).isEqualTo(BundlePreview.Kind.NEW);
    assertThat(BundlePreview.classify(onA, Optional.of(onA))).isEqualTo(BundlePreview.Kind.SAME);
    assertThat(BundlePreview.classify(newer, Optional.of(onA))).isEqualTo(BundlePreview.Kind.NEWER);
    assertThat(BundlePreview.classify(onA, Optional.of(newer))).isEqualTo(BundlePreview.Kind.OLDER);
    assertThat(BundlePreview.classify(onA, Optional.of(onB)))
        .isEqualTo(BundlePreview.Kind.CONCURRENT);
    assertThat(BundlePreview.classify(gone, Optional.of(onB)))
        .isEqualTo(BundlePreview.Kind.DELETE_VERSUS_EDIT);
  }

  private static SiblingContents none() {
    return sibling -> {
      throw new AssertionError("no content is needed");
    };
  }

  /** The latest time wins; a tie goes to the greater dot, so that all nodes agree. */
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
                  .thenComparing(sibling -> sibling.version().dot()));
      return new Resolution.Keep(winner, "written last, at " + winner.manifest().lastModified());
    }
  }

  /** Lines of text as a set. */
  private static final class GrowingSet extends ConflictResolverPluginBase {
    GrowingSet() {
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

  @Test
  void strategySendsWritesToThePrimaryAndAsksForAMajority() {
    SingleMaster strategy = new SingleMaster();
    ReplicaSet atPrimary = replicas("a", true, true, true);

    assertThat(strategy.admit(atPrimary))
        .isEqualTo(new WriteAdmission.Accept(List.of(new NodeId("b"), new NodeId("c")), 2));
    assertThat(strategy.admit(replicas("b", true, true, true)))
        .isEqualTo(new WriteAdmission.Forward(new NodeId("a")));
    assertThat(strategy.admit(replicas("a", true, false, false)))
        .as("a minority takes no writes")
        .isInstanceOf(WriteAdmission.Refuse.class);
    assertThat(strategy.readers(replicas("b", true, true, false)))
        .containsExactly(new NodeId("a"), new NodeId("b"));
    assertThat(strategy.acceptsConcurrentWrites()).isFalse();
    assertThat(strategy.strategyName()).isEqualTo("single-master");
    assertThatThrownBy(() -> new ReplicaSet(1, 0, new NodeId("a"), List.of(), 1))
        .hasMessageContaining("owners is '0 owners'");
  }

  private static ReplicaSet replicas(String local, boolean... reachable) {
    List<Replica> owners = new ArrayList<>();
    for (int i = 0; i < reachable.length; i++) {
      owners.add(
          new Replica(new NodeId(String.valueOf((char) ('a' + i))), "site", reachable[i], true));
    }
    return new ReplicaSet(1, 7, new NodeId(local), owners, 2);
  }

  /** The primary takes writes while it reaches a majority. */
  private static final class SingleMaster extends ReplicationPluginBase {
    SingleMaster() {
      super(
          PluginManifest.of("single-master", "Single master", "1.0.0", "replication"),
          "single-master");
    }

    @Override
    public boolean acceptsConcurrentWrites() {
      return false;
    }

    @Override
    public WriteAdmission admit(ReplicaSet replicas) {
      if (!replicas.majorityReachable()) {
        return new WriteAdmission.Refuse(
            StandardErrorCode.UNAVAILABLE,
            replicas.reachable() + " of " + replicas.owners().size() + " owners are reachable");
      }
      NodeId primary = replicas.primary().node();
      return primary.equals(replicas.local())
          ? new WriteAdmission.Accept(replicas.reachableBut(primary), replicas.writeQuorum())
          : new WriteAdmission.Forward(primary);
    }

    @Override
    public List<NodeId> readers(ReplicaSet replicas) {
      return replicas.owners().stream()
          .filter(owner -> owner.reachable() && owner.inSync())
          .map(Replica::node)
          .toList();
    }
  }
}
