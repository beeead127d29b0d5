package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.p2p.ContentSource;
import io.datawarehouse.sdk.replication.Change;
import io.datawarehouse.sdk.replication.ChangeBatch;
import io.datawarehouse.sdk.replication.Dot;
import io.datawarehouse.sdk.replication.MultiRegionReplication;
import io.datawarehouse.sdk.replication.Sibling;
import io.datawarehouse.sdk.replication.SiteStatus;
import io.datawarehouse.sdk.replication.VersionVector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** A site of one node that keeps all versions of a blob which nobody has seen. Thread-safe. */
class SampleSite implements MultiRegionReplication {

  private record Waiter(long sequence, CompletableFuture<Boolean> done) {}

  private final String name;
  private final NodeId node;
  private final Map<String, List<Sibling>> versions = new TreeMap<>();
  private final Map<Dot, Bytes> contents = new HashMap<>();
  private final List<Change> feed = new ArrayList<>();
  private final Map<String, Long> received = new HashMap<>();
  private final List<Waiter> waiters = new ArrayList<>();
  private Optional<SampleSite> other = Optional.empty();
  private long acknowledged;
  private boolean paused;
  private boolean reachable = true;

  SampleSite(String name) {
    this.name = name;
    this.node = new NodeId(name + "-1");
  }

  void connect(SampleSite to) {
    other = Optional.of(to);
  }

  NodeId node() {
    return node;
  }

  synchronized void reachable(boolean is) {
    reachable = is;
  }

  synchronized List<Change> feed() {
    return List.copyOf(feed);
  }

  synchronized Bytes content(Dot dot) {
    return Optional.ofNullable(contents.get(dot)).orElse(Bytes.empty());
  }

  /** Writes a version that has seen all that stands here. */
  synchronized void write(String key, Bytes content) {
    keep(key, content, false);
  }

  synchronized void delete(String key) {
    keep(key, Bytes.empty(), true);
  }

  private void keep(String key, Bytes content, boolean deletion) {
    VersionVector past =
        standing(key).stream()
            .map(sibling -> sibling.version().seen())
            .reduce(VersionVector.empty(), VersionVector::merge);
    long sequence = feed.size() + 1L;
    BlobKey blob = BlobKey.of("bucket", key);
    BlobManifest manifest =
        deletion
            ? Versions.deletion(blob, node + ":" + sequence, sequence)
            : Versions.manifest(blob, content, "text/plain", node + ":" + sequence, sequence);
    Sibling written = Versions.sibling(manifest, node.value(), sequence, past);
    feed.add(new Change(sequence, written));
    add(key, written, content);
  }

  synchronized List<Sibling> standing(String key) {
    return versions.getOrDefault(key, List.of());
  }

  /** Takes a version in; what it has seen goes. */
  final synchronized void add(String key, Sibling sibling, Bytes content) {
    List<Sibling> all = new ArrayList<>(standing(key));
    all.add(sibling);
    contents.put(sibling.version().dot(), content);
    versions.put(key, newest(all));
  }

  /** Returns the versions that stay. */
  List<Sibling> newest(List<Sibling> all) {
    return Sibling.newest(all);
  }

  synchronized List<Bytes> contentsOf(String key) {
    return standing(key).stream()
        .filter(sibling -> !sibling.manifest().deleted())
        .map(sibling -> content(sibling.version().dot()))
        .toList();
  }

  /** Sends what the other site lacks. */
  void pump() {
    ChangeBatch batch;
    synchronized (this) {
      if (paused && obeysPause() || !reachable || other.isEmpty()) {
        return;
      }
      batch =
          new ChangeBatch(node, acknowledged, feed.subList((int) acknowledged, feed.size()), false);
    }
    long last = other.get().receive(name, batch, this::source).toCompletableFuture().join();
    synchronized (this) {
      acknowledged = last;
      waiters.removeIf(waiter -> waiter.sequence() <= last && waiter.done().complete(true));
    }
  }

  boolean obeysPause() {
    return true;
  }

  private Optional<ContentSource> source(Change change) {
    byte[] bytes = content(change.sibling().version().dot()).toArray();
    return Optional.of(
        (offset, length) -> new ByteArrayInputStream(bytes, (int) offset, (int) length));
  }

  @Override
  public String localSite() {
    return name;
  }

  @Override
  public synchronized List<SiteStatus> sites() {
    SiteStatus.State state =
        paused
            ? SiteStatus.State.PAUSED
            : reachable ? SiteStatus.State.FLOWING : SiteStatus.State.UNREACHABLE;
    long pending = feed.size() - acknowledged;
    return other.stream()
        .map(
            site ->
                new SiteStatus(
                    site.name,
                    state,
                    pending == 0 ? Duration.ZERO : Duration.ofSeconds(1),
                    pending,
                    Optional.empty()))
        .toList();
  }

  @Override
  public synchronized CompletionStage<Long> receive(
      String site, ChangeBatch batch, Contents source) {
    String place = site + "/" + batch.origin();
    long known = received.getOrDefault(place, 0L);
    if (batch.after() > known && refusesGaps()) {
      return CompletableFuture.failedFuture(
          new WarehouseException(StandardErrorCode.PRECONDITION_FAILED, "after " + known));
    }
    try {
      for (Change change : batch.changes()) {
        if (change.sequence() > known || takesTwice()) {
          take(change, source);
          received.merge(place, change.sequence(), Math::max);
        }
      }
    } catch (WarehouseException e) {
      return CompletableFuture.failedFuture(e);
    }
    return CompletableFuture.completedFuture(received.getOrDefault(place, 0L));
  }

  boolean refusesGaps() {
    return true;
  }

  boolean takesTwice() {
    return false;
  }

  private void take(Change change, Contents source) {
    BlobManifest manifest = change.sibling().manifest();
    try (InputStream in = source.of(change).orElseThrow().open(0, manifest.size())) {
      add(manifest.key(), change.sibling(), Bytes.copyOf(in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized long received(String site, NodeId origin) {
    return received.getOrDefault(site + "/" + origin, 0L);
  }

  @Override
  public boolean pause(String site) {
    return paused(site, true);
  }

  @Override
  public boolean resume(String site) {
    return paused(site, false);
  }

  private synchronized boolean paused(String site, boolean now) {
    if (other.filter(known -> known.name.equals(site)).isEmpty()) {
      throw new WarehouseException(StandardErrorCode.NOT_FOUND, "no site " + site);
    }
    boolean changed = paused != now;
    paused = now;
    return changed;
  }

  @Override
  public synchronized CompletionStage<Boolean> awaitSent(String site, Duration limit) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    if (acknowledged >= feed.size()) {
      done.complete(true);
    } else {
      waiters.add(new Waiter(feed.size(), done));
    }
    return done.completeOnTimeout(false, limit.toMillis(), TimeUnit.MILLISECONDS);
  }
}
