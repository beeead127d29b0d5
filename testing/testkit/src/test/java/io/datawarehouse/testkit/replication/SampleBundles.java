package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.AirGapBridge;
import io.datawarehouse.sdk.replication.BundlePreview;
import io.datawarehouse.sdk.replication.BundlePreview.Kind;
import io.datawarehouse.sdk.replication.BundleReceipt;
import io.datawarehouse.sdk.replication.BundleRequest;
import io.datawarehouse.sdk.replication.Change;
import io.datawarehouse.sdk.replication.Sibling;
import io.datawarehouse.sdk.replication.VersionVector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Bundles of one file with a seal that only those can make who have the key. */
class SampleBundles implements AirGapBridge {

  private static final byte[] KEY = {1, 2, 3, 4, 5, 6, 7, 8};

  private record Entry(long sequence, Sibling sibling, Bytes content) {}

  private record Bundle(
      String id, String from, NodeId node, long upTo, boolean complete, List<Entry> entries) {}

  private final SampleSite site;

  SampleBundles(SampleSite site) {
    this.site = site;
  }

  @Override
  public BundleReceipt export(BundleRequest request) {
    requireNoInterrupt();
    try {
      Files.createDirectories(request.directory());
      requireEmpty(request.directory());
      Bundle bundle = collected(request);
      byte[] body = written(bundle);
      Files.write(request.directory().resolve("bundle"), body);
      Files.write(request.directory().resolve("seal"), seal(body));
      return receipt(bundle, request.site());
    } catch (IOException e) {
      throw new WarehouseException(StandardErrorCode.STORAGE_FAILED, e.toString());
    }
  }

  private static void requireNoInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "interrupted");
    }
  }

  private static void requireEmpty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      if (files.findAny().isPresent()) {
        throw new WarehouseException(
            StandardErrorCode.PRECONDITION_FAILED, directory + " is not empty");
      }
    }
  }

  private Bundle collected(BundleRequest request) {
    long after = request.after().getOrDefault(site.node(), 0L);
    List<Entry> entries = new ArrayList<>();
    long bytes = 0;
    boolean complete = true;
    for (Change change : site.feed()) {
      if (change.sequence() > after && complete) {
        bytes += change.sibling().manifest().size();
        complete = bytes < request.mostBytes() || entries.isEmpty();
        if (complete) {
          Bytes content = site.content(change.sibling().version().dot());
          entries.add(new Entry(change.sequence(), change.sibling(), content));
        }
      }
    }
    long upTo = after + entries.size();
    return new Bundle(
        site.localSite() + "-" + upTo, site.localSite(), site.node(), upTo, complete, entries);
  }

  private static BundleReceipt receipt(Bundle bundle, String forSite) {
    return new BundleReceipt(
        bundle.id(),
        forSite,
        Map.of(bundle.node(), bundle.upTo()),
        bundle.entries().size(),
        bundle.entries().stream().mapToLong(entry -> entry.content().size()).sum(),
        bundle.complete());
  }

  private static byte[] written(Bundle bundle) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF(bundle.id());
    out.writeUTF(bundle.from());
    out.writeUTF(bundle.node().value());
    out.writeLong(bundle.upTo());
    out.writeBoolean(bundle.complete());
    out.writeInt(bundle.entries().size());
    for (Entry entry : bundle.entries()) {
      BlobManifest manifest = entry.sibling().manifest();
      out.writeLong(entry.sequence());
      out.writeUTF(manifest.key());
      out.writeUTF(manifest.context());
      out.writeBoolean(manifest.deleted());
      out.writeUTF(entry.sibling().writer().value());
      out.writeLong(entry.sibling().version().dot().counter());
      Map<NodeId, Long> past = entry.sibling().version().past().counters();
      out.writeInt(past.size());
      for (Map.Entry<NodeId, Long> seen : past.entrySet()) {
        out.writeUTF(seen.getKey().value());
        out.writeLong(seen.getValue());
      }
      byte[] content = entry.content().toArray();
      out.writeInt(content.length);
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static Bundle read(byte[] body) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
    String id = in.readUTF();
    String from = in.readUTF();
    NodeId node = new NodeId(in.readUTF());
    long upTo = in.readLong();
    boolean complete = in.readBoolean();
    List<Entry> entries = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      entries.add(entry(in));
    }
    return new Bundle(id, from, node, upTo, complete, entries);
  }

  private static Entry entry(DataInputStream in) throws IOException {
    long sequence = in.readLong();
    BlobKey key = BlobKey.of("bucket", in.readUTF());
    String context = in.readUTF();
    boolean deleted = in.readBoolean();
    String writer = in.readUTF();
    long counter = in.readLong();
    Map<NodeId, Long> past = new TreeMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      past.put(new NodeId(in.readUTF()), in.readLong());
    }
    Bytes content = Bytes.copyOf(in.readNBytes(in.readInt()));
    BlobManifest manifest =
        deleted
            ? Versions.deletion(key, context, sequence)
            : Versions.manifest(key, content, "text/plain", context, sequence);
    return new Entry(
        sequence, Versions.sibling(manifest, writer, counter, VersionVector.of(past)), content);
  }

  private Bundle checked(Path directory) {
    requireNoInterrupt();
    try {
      byte[] body = Files.readAllBytes(directory.resolve("bundle"));
      byte[] seal = Files.readAllBytes(directory.resolve("seal"));
      if (checksSeal() && !Arrays.equals(seal, seal(body))) {
        throw new WarehouseException(StandardErrorCode.DIGEST_MISMATCH, "the seal is broken");
      }
      return read(body);
    } catch (IOException e) {
      throw new WarehouseException(StandardErrorCode.STORAGE_FAILED, e.toString());
    }
  }

  /** Returns whether bundles are checked before they are used. */
  boolean checksSeal() {
    return true;
  }

  private static byte[] seal(byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JVM has HMAC", e);
    }
  }

  @Override
  public BundlePreview preview(Path directory, int mostEntries) {
    Bundle bundle = checked(directory);
    Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    List<BundlePreview.Entry> attention = new ArrayList<>();
    for (Entry entry : bundle.entries()) {
      BlobKey key = entry.sibling().manifest().blobKey();
      List<Sibling> standing = site.standing(key.key());
      Kind kind = BundlePreview.classify(entry.sibling(), standing.stream().findFirst());
      counts.merge(kind, 1L, Long::sum);
      if ((kind == Kind.CONCURRENT || kind == Kind.DELETE_VERSUS_EDIT)
          && attention.size() < mostEntries) {
        attention.add(new BundlePreview.Entry(key, kind, Optional.empty()));
      }
    }
    return new BundlePreview(bundle.id(), bundle.from(), counts, attention);
  }

  @Override
  public BundleReceipt apply(Path directory) {
    Bundle bundle = checked(directory);
    for (Entry entry : bundle.entries()) {
      String key = entry.sibling().manifest().key();
      if (takes(entry.sibling(), site.standing(key))) {
        site.add(key, entry.sibling(), entry.content());
      }
    }
    return receipt(bundle, site.localSite());
  }

  /** Returns whether a version is taken in beside those that stand. */
  boolean takes(Sibling incoming, List<Sibling> standing) {
    return true;
  }

  @Override
  public void acknowledge(BundleReceipt receipt) {
    if (receipt.upTo().isEmpty()) {
      throw WarehouseException.invalid("receipt", receipt.bundleId(), "says nothing");
    }
  }
}
