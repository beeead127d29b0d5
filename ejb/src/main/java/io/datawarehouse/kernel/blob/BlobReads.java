package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.ByteRange.Span;
import io.datawarehouse.sdk.blob.StorageMessages.BlobRead;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ReadBlob;
import io.datawarehouse.sdk.blob.StorageMessages.ReadOutcome;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.storage.BlobReader;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.io.InputStream;
import java.time.Clock;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/** Gives contents and manifests. Thread-safe. */
final class BlobReads {

  private final StorageProvider provider;
  private final Clock clock;
  private final Admission admission;
  private final Placement placement;
  private final BlobMetrics metrics;
  private final ContentPipelines pipelines;
  private final SegmentHeat heat;

  BlobReads(
      StorageProvider provider,
      Clock clock,
      Admission admission,
      Placement placement,
      BlobMetrics metrics,
      ContentPipelines pipelines,
      SegmentHeat heat) {
    this.heat = heat;
    this.pipelines = pipelines;
    this.provider = provider;
    this.clock = clock;
    this.admission = admission;
    this.placement = placement;
    this.metrics = metrics;
  }

  BlobManifest describe(DescribeBlob query) {
    BlobKey key = query.blobKey();
    admission.read(key);
    heat.read(key, placement.segmentOf(key));
    return placement.stamp(provider.findManifest(key).orElseThrow(() -> missing(key)));
  }

  /** Reads what is asked for. */
  Reply read(ReadBlob query) {
    return read(query, manifest -> false, (read, copy) -> read);
  }

  /**
   * Reads for a node that may keep a copy: all of the blob where it may.
   *
   * @param copied decides about a version that is open
   */
  Reply read(ReadBlob query, Predicate<BlobManifest> copied) {
    return read(query, copied, NodeBlobs.Filled::new);
  }

  /** The reader lives on in the reply's content; on every other way out it is closed here. */
  private Reply read(
      ReadBlob query, Predicate<BlobManifest> copied, BiFunction<BlobRead, Boolean, Object> form) {
    BlobKey key = query.blobKey();
    admission.read(key);
    heat.read(key, placement.segmentOf(key));
    BlobReader reader = provider.openReader(key).orElseThrow(() -> missing(key));
    boolean handedOver = false;
    try {
      boolean copy = copied.test(reader.manifest());
      ReadDecision decision =
          copy
              ? new ReadDecision(ReadOutcome.WHOLE, new Span(0, reader.manifest().size()))
              : ReadDecision.of(query, reader.manifest(), clock.instant());
      Reply reply = answer(reader, decision, read -> form.apply(read, copy));
      handedOver = decision.outcome() != ReadOutcome.NOT_MODIFIED;
      return reply;
    } finally {
      if (!handedOver) {
        reader.close();
      }
    }
  }

  private Reply answer(BlobReader reader, ReadDecision decision, Function<BlobRead, Object> form) {
    BlobManifest manifest = placement.stamp(reader.manifest());
    Span span = decision.span();
    Payload payload =
        Payload.of(
            form.apply(new BlobRead(decision.outcome(), manifest, span.offset(), span.length())));
    if (decision.outcome() == ReadOutcome.NOT_MODIFIED) {
      return Reply.of(payload);
    }
    InputStream stream = pipelines.open(reader, span.offset(), span.length());
    metrics.readBegun();
    heat.bytes(manifest.blobKey(), manifest.segment(), span.length());
    return Reply.of(
        payload,
        Content.of(
            new ReaderStream(stream, reader, metrics),
            OptionalLong.of(span.length()),
            manifest.contentType()));
  }

  private WarehouseException missing(BlobKey key) {
    return provider.findBucket(key.bucket()).isPresent()
        ? BlobErrors.noSuchBlob(key)
        : BlobErrors.noSuchBucket(key.bucket());
  }
}
