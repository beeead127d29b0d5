package io.datawarehouse.sdk.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses of the change feed: two sites with a network between them, and two without. */
class SitesUseTest {

  private static final NodeId NODE = new NodeId("n1");

  @TempDir private Path medium;

  private final Site home = new Site("home");
  private final Site away = new Site("away");

  // ---- over a network ------------------------------------------------------------------------

  @Test
  void siteGetsWhatItMissedAndTakesABatchTwiceWithoutHarm() {
    home.write("one");
    home.write("two");
    ChangeBatch batch = home.batchAfter(0);

    assertThat(get(away.receive("home", batch, home.contents()))).isEqualTo(2);
    assertThat(get(away.receive("home", batch, home.contents()))).isEqualTo(2);
    home.write("three");
    assertThat(
            get(
                away.receive(
                    "home", home.batchAfter(away.received("home", NODE)), home.contents())))
        .isEqualTo(3);

    assertThat(away.texts).containsOnlyKeys("one", "two", "three");
    assertThat(away.applied).isEqualTo(3);
    assertThat(away.received("home", new NodeId("other"))).isZero();
  }

  @Test
  void gapIsRefusedAndTheSenderGoesBack() {
    home.write("one");
    home.write("two");

    assertThatThrownBy(() -> get(away.receive("home", home.batchAfter(1), home.contents())))
        .hasMessageContaining("PRECONDITION_FAILED");
    assertThat(away.received("home", NODE)).isZero();
    assertThatThrownBy(() -> new ChangeBatch(NODE, 0, List.of(home.feed.get(1)), false))
        .hasMessageContaining("changes is '2'");
  }

  @Test
  void pausedSiteKeepsItsChanges() {
    assertThat(home.pause("away")).isTrue();
    assertThat(home.pause("away")).isFalse();
    home.write("one");

    assertThat(home.sites())
        .containsExactly(
            new SiteStatus("away", SiteStatus.State.PAUSED, Duration.ZERO, 1, Optional.empty()));
    assertThat(get(home.awaitSent("away", Duration.ofMillis(1)))).isFalse();
    assertThat(home.resume("away")).isTrue();
    assertThatThrownBy(() -> home.pause("nowhere")).hasMessageContaining("nowhere");
  }

  // ---- by a medium ---------------------------------------------------------------------------

  @Test
  void bundleIsLookedAtAppliedAndItsReceiptCarriedBack() {
    AirGapBridge out = new Bundles(home);
    AirGapBridge in = new Bundles(away);
    home.write("one");
    home.write("two");
    away.texts.put("two", "two");

    BundleReceipt exported = out.export(request(Map.of()));
    BundlePreview preview = in.preview(medium, 10);
    BundleReceipt applied = in.apply(medium);
    BundleReceipt again = in.apply(medium);

    assertThat(exported.changes()).isEqualTo(2);
    assertThat(preview.counts())
        .containsEntry(BundlePreview.Kind.NEW, 1L)
        .containsEntry(BundlePreview.Kind.SAME, 1L)
        .containsEntry(BundlePreview.Kind.CONCURRENT, 0L);
    assertThat(away.texts).containsOnlyKeys("one", "two");
    assertThat(applied.upTo()).containsEntry(NODE, 2L);
    assertThat(again).isEqualTo(applied);
    out.acknowledge(applied);
    assertThat(home.acknowledged).containsEntry(NODE, 2L);
    assertThatThrownBy(() -> out.export(request(applied.upTo())))
        .as("the medium holds a bundle already")
        .hasMessageContaining("PRECONDITION_FAILED");
  }

  @Test
  void bundleThatWasTamperedWithChangesNothing() throws IOException {
    AirGapBridge out = new Bundles(home);
    home.write("one");
    out.export(request(Map.of()));
    Files.writeString(medium.resolve("entries"), "forged");

    AirGapBridge in = new Bundles(away);

    assertThatThrownBy(() -> in.apply(medium)).hasMessageContaining("DIGEST_MISMATCH");
    assertThat(away.texts).isEmpty();
    assertThatThrownBy(() -> new BundleRequest(medium, "away", Set.of(), Map.of(), 1))
        .hasMessageContaining("mostBytes is '1'");
  }

  private BundleRequest request(Map<NodeId, Long> after) {
    return new BundleRequest(medium, "away", Set.of(new BucketName("bucket")), after, 1 << 20);
  }

  private static <T> T get(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  /** A site of one node; the key of a blob is its text. */
  private static final class Site implements MultiRegionReplication {
    private final String name;
    private final List<Change> feed = new ArrayList<>();
    private final Map<String, String> texts = new TreeMap<>();
    private final Map<NodeId, Long> received = new HashMap<>();
    private final Map<NodeId, Long> acknowledged = new HashMap<>();
    private VersionVector seen = VersionVector.empty();
    private boolean paused;
    private int applied;

    Site(String name) {
      this.name = name;
    }

    void write(String text) {
      DottedVersion version = new DottedVersion(seen.next(NODE), seen);
      seen = version.seen();
      texts.put(text, text);
      feed.add(new Change(feed.size() + 1L, Siblings.at(text, text, version, false)));
    }

    ChangeBatch batchAfter(long after) {
      return new ChangeBatch(NODE, after, feed.subList((int) after, feed.size()), false);
    }

    Contents contents() {
      return change ->
          Optional.of(
              (offset, length) ->
                  new ByteArrayInputStream(
                      change.sibling().manifest().etag().getBytes(StandardCharsets.UTF_8),
                      (int) offset,
                      (int) length));
    }

    @Override
    public String localSite() {
      return name;
    }

    @Override
    public List<SiteStatus> sites() {
      return List.of(
          new SiteStatus(
              "away",
              paused ? SiteStatus.State.PAUSED : SiteStatus.State.FLOWING,
              Duration.ZERO,
              feed.size(),
              Optional.empty()));
    }

    @Override
    public CompletionStage<Long> receive(String site, ChangeBatch batch, Contents contents) {
      if (batch.after() > received(site, batch.origin())) {
        return CompletableFuture.failedFuture(failure(StandardErrorCode.PRECONDITION_FAILED));
      }
      for (Change change : batch.changes()) {
        if (change.sequence() > received(site, batch.origin())) {
          take(change, contents);
          received.put(batch.origin(), change.sequence());
        }
      }
      return CompletableFuture.completedFuture(received(site, batch.origin()));
    }

    private void take(Change change, Contents contents) {
      long size = change.sibling().manifest().size();
      try (var in = contents.of(change).orElseThrow().open(0, size)) {
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        texts.put(change.sibling().manifest().key(), text);
        applied++;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public long received(String site, NodeId origin) {
      return received.getOrDefault(origin, 0L);
    }

    @Override
    public boolean pause(String site) {
      if (!site.equals("away")) {
        throw new WarehouseException(StandardErrorCode.NOT_FOUND, "no site " + site);
      }
      boolean changed = !paused;
      paused = true;
      return changed;
    }

    @Override
    public boolean resume(String site) {
      boolean changed = paused;
      paused = false;
      return changed;
    }

    @Override
    public CompletionStage<Boolean> awaitSent(String site, Duration limit) {
      return CompletableFuture.completedFuture(feed.isEmpty());
    }
  }

  /** Bundles of two files: the keys, one a line, and a digest of them in place of a signature. */
  private record Bundles(Site site) implements AirGapBridge {

    @Override
    public BundleReceipt export(BundleRequest request) {
      Path entries = request.directory().resolve("entries");
      if (Files.exists(entries)) {
        throw failure(StandardErrorCode.PRECONDITION_FAILED);
      }
      ChangeBatch batch = site.batchAfter(request.after().getOrDefault(NODE, 0L));
      List<String> keys =
          batch.changes().stream().map(change -> change.sibling().manifest().key()).toList();
      try {
        Files.write(entries, keys);
        Files.writeString(entries.resolveSibling("seal"), String.valueOf(keys.hashCode()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return receipt(batch.last(), keys.size());
    }

    private static BundleReceipt receipt(long upTo, int changes) {
      return new BundleReceipt("b1", "away", Map.of(NODE, upTo), changes, 0, true);
    }

    private static List<String> checked(Path bundle) {
      try {
        List<String> keys = Files.readAllLines(bundle.resolve("entries"));
        if (!Files.readString(bundle.resolve("seal")).equals(String.valueOf(keys.hashCode()))) {
          throw failure(StandardErrorCode.DIGEST_MISMATCH);
        }
        return keys;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public BundlePreview preview(Path bundle, int mostEntries) {
      Map<BundlePreview.Kind, Long> counts = new HashMap<>();
      for (String key : checked(bundle)) {
        boolean there = site.texts.containsKey(key);
        counts.merge(there ? BundlePreview.Kind.SAME : BundlePreview.Kind.NEW, 1L, Long::sum);
      }
      return new BundlePreview("b1", "home", counts, List.of());
    }

    @Override
    public BundleReceipt apply(Path bundle) {
      List<String> keys = checked(bundle);
      keys.forEach(key -> site.texts.put(key, key));
      return receipt(keys.size(), keys.size());
    }

    @Override
    public void acknowledge(BundleReceipt receipt) {
      receipt.upTo().forEach((node, upTo) -> site.acknowledged.merge(node, upTo, Math::max));
    }
  }

  private static WarehouseException failure(StandardErrorCode code) {
    return new WarehouseException(code, code.name());
  }
}
