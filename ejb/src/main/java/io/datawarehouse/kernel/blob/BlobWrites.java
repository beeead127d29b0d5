package io.datawarehouse.kernel.blob;

import io.datawarehouse.kernel.heat.LeasePlace;
import io.datawarehouse.kernel.heat.ReadCopies;
import io.datawarehouse.kernel.heat.SegmentHeat;
import io.datawarehouse.kernel.heat.StockChange;
import io.datawarehouse.kernel.pipeline.ContentEncoder;
import io.datawarehouse.kernel.pipeline.ContentPipelines;
import io.datawarehouse.kernel.placement.Refusals;
import io.datawarehouse.kernel.sharding.ShardMap;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketDefinition;
import io.datawarehouse.sdk.blob.StorageMessages.BlobDeleted;
import io.datawarehouse.sdk.blob.StorageMessages.BlobWritten;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBlob;
import io.datawarehouse.sdk.blob.StorageMessages.WriteBlob;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.storage.BlobWriter;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes and deletes versions. What can be refused is refused before the body is read; what another
 * writer can change meanwhile is judged again inside the commit. Thread-safe.
 */
final class BlobWrites {

  private static final System.Logger LOG = System.getLogger(BlobWrites.class.getName());
  private static final int SMALL = 64 * 1024;
  private static final int LARGE = 256 * 1024;
  private static final int SHARED_BUFFERS = 64;

  private final StorageProvider provider;
  private final Clock clock;
  private final QuotaLedger quotas;
  private final Versions versions;
  private final Admission admission;
  private final Placement placement;
  private final BlobEvents events;
  private final BlobMetrics metrics;
  private final ContentPipelines pipelines;
  private final SegmentHeat heat;
  private final Optional<ReadCopies> copies;
  private final ContentIntake.Workshop workshop;

  BlobWrites(
      StorageProvider provider,
      Clock clock,
      Admission admission,
      QuotaLedger quotas,
      Placement placement,
      BlobEvents events,
      BlobMetrics metrics,
      ContentPipelines pipelines,
      Executor executor,
      SegmentHeat heat,
      Optional<ReadCopies> copies) {
    this.heat = heat;
    this.copies = copies;
    this.workshop =
        new ContentIntake.Workshop(
            new FrameBuffers(SMALL, SHARED_BUFFERS),
            new FrameBuffers(LARGE, SHARED_BUFFERS),
            executor);
    this.pipelines = pipelines;
    this.provider = provider;
    this.clock = clock;
    this.quotas = quotas;
    this.versions = new Versions(placement.node(), clock);
    this.admission = admission;
    this.placement = placement;
    this.events = events;
    this.metrics = metrics;
  }

  BlobWritten write(Message message) {
    Content content =
        message
            .content()
            .orElseThrow(
                () ->
                    WarehouseException.invalid(
                        "content", null, "a write carries its bytes beside the message"));
    WriteBlob command;
    Admission.Passage passage;
    try {
      command = message.payload().as(WriteBlob.class);
      passage = admission.write(command.blobKey());
    } catch (RuntimeException e) {
      // What was refused for its place is tried elsewhere, with its content.
      if (!(e instanceof WarehouseException known && Refusals.remedyOf(known).isPresent())) {
        close(content);
      }
      throw e;
    }
    try {
      BlobWritten written = admitted(message, command, content, passage);
      metrics.written(written.manifest().size());
      events.publish(StorageTopics.WRITTEN, written.manifest(), message);
      return written;
    } finally {
      close(content);
    }
  }

  private BlobWritten admitted(
      Message message, WriteBlob command, Content content, Admission.Passage passage) {
    try {
      heat.write(command.blobKey(), placement.segmentOf(command.blobKey()));
      return store(message, command, content, passage);
    } finally {
      passage.close();
    }
  }

  private BlobWritten store(
      Message message, WriteBlob command, Content content, Admission.Passage passage) {
    CausalContext seen = command.context().map(CausalContext::parse).orElse(CausalContext.NONE);
    BucketDefinition bucket = bucketOf(command.blobKey());
    try (QuotaLedger.Share share = quotas.open(bucket)) {
      long replaced = refuseHopeless(command, content, share);
      List<String> stages = bucket.pipeline();
      try (BlobWriter writer =
          provider.openWriter(
              command.blobKey(), pipelines.expectedBytes(stages, content.length()))) {
        ContentIntake intake =
            new ContentIntake(
                content,
                size -> {
                  passage.requireGoingOn();
                  requireTime(message, size);
                  share.cover(size, replaced);
                });
        ContentIntake.Taken taken = take(command, intake, writer, stages);
        passage.requireGoingOn();
        requireTime(message, taken.size());
        Decision decision = new Decision(command, seen, new Staged(taken, stages), share);
        BlobManifest stored = commit(writer, decision);
        share.book(taken.size() - sizeOf(decision.replaced));
        return new BlobWritten(placement.stamp(stored), decision.created);
      }
    }
  }

  private BlobManifest commit(BlobWriter writer, Decision decision) {
    BlobKey key = decision.command.blobKey();
    Admission.Passage recalled = recall(key);
    try (StockChange change = heat.change(key, placement::segmentOf)) {
      BlobManifest stored;
      try {
        stored = writer.commit(decision::on);
      } catch (RuntimeException | Error e) {
        if (decision.taken) {
          change.unknown();
        }
        throw e;
      }
      change.book(decision.replaced, Optional.of(stored));
      heat.bytes(key.bucket(), placement.segmentOf(key), stored.size());
      return stored;
    } finally {
      recalled.close();
    }
  }

  /** Judges early what can be judged; returns the size of the version that stands now. */
  private long refuseHopeless(WriteBlob command, Content content, QuotaLedger.Share share) {
    if (command.condition().equals(WriteCondition.none()) && !share.limited()) {
      return 0;
    }
    Optional<BlobManifest> present = presentOf(command);
    requireCondition(command.condition(), command.blobKey(), present);
    long replaced = sizeOf(present);
    share.cover(content.length().orElse(0), replaced);
    return replaced;
  }

  /** Who asks for nothing may write over a manifest that cannot be read: that mends the blob. */
  private Optional<BlobManifest> presentOf(WriteBlob command) {
    try {
      return provider.findManifest(command.blobKey());
    } catch (WarehouseException e) {
      if (e.code() == StandardErrorCode.BLOB_CORRUPT
          && command.condition().equals(WriteCondition.none())) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private ContentIntake.Taken take(
      WriteBlob command, ContentIntake intake, BlobWriter writer, List<String> stages) {
    if (stages.isEmpty()) {
      return intake.copyTo(writer, command.digests(), workshop);
    }
    ContentDigests digests = new ContentDigests(command.digests());
    try (ContentEncoder encoder =
        pipelines.encoder(command.blobKey(), stages, writer, digests::update)) {
      return intake.copyTo(encoder, digests);
    }
  }

  /** Content that waits for its version, and what it went through. */
  private record Staged(ContentIntake.Taken taken, List<String> stages) {

    long size() {
      return taken.size();
    }
  }

  /** The decision about one write, taken inside the commit. Confined to one thread. */
  private final class Decision {

    private final WriteBlob command;
    private final CausalContext seen;
    private final Staged staged;
    private final QuotaLedger.Share share;
    private Optional<BlobManifest> replaced = Optional.empty();
    private boolean created;
    private boolean taken;

    Decision(WriteBlob command, CausalContext seen, Staged staged, QuotaLedger.Share share) {
      this.command = command;
      this.seen = seen;
      this.staged = staged;
      this.share = share;
    }

    BlobManifest on(Optional<BlobManifest> present) {
      requireCondition(command.condition(), command.blobKey(), present);
      replaced = present;
      created = present.isEmpty();
      share.cover(staged.size(), sizeOf(present));
      BlobManifest next = versions.next(command, seen, staged.taken, present);
      taken = true;
      return staged
          .taken
          .encoding()
          .map(encoding -> next.withEncoding(staged.stages, encoding))
          .orElse(next);
    }
  }

  BlobDeleted delete(Message message) {
    DeleteBlob command = message.payload().as(DeleteBlob.class);
    command.context().ifPresent(CausalContext::parse);
    BlobKey key = command.blobKey();
    BlobManifest deleted;
    Admission.Passage passage = admission.change(key);
    try (QuotaLedger.Share share = quotas.open(bucketOf(key))) {
      heat.write(key, placement.segmentOf(key));
      deleted = remove(command);
      share.book(-deleted.size());
    } finally {
      passage.close();
    }
    BlobManifest shown = placement.stamp(deleted);
    metrics.deleted();
    events.publish(StorageTopics.DELETED, shown, message);
    return new BlobDeleted(shown);
  }

  /**
   * Returns when no other node serves what is about to change; none does until this is closed.
   * Copies may be out from before the bucket got another map: of the segment of the key's hash and
   * of the one in which the bucket lies where it lies in one as a whole, if this node owns these,
   * and of the bucket's own segments, where it gave leases of them.
   */
  private Admission.Passage recall(BlobKey key) {
    if (copies.isEmpty()) {
      return () -> {};
    }
    ReadCopies given = copies.get();
    int lies = placement.segmentOf(key);
    List<LeasePlace> places = new ArrayList<>(3);
    for (int segment : new int[] {Placement.hashed(key), ShardMap.wholeSegmentOf(key.bucket())}) {
      LeasePlace place = LeasePlace.hashed(segment);
      if ((segment == lies || given.owns(segment)) && !places.contains(place)) {
        places.add(place);
      }
    }
    if (ShardMap.isOwn(lies) || given.mayHaveGiven(key.bucket())) {
      places.add(LeasePlace.own(key.bucket()));
    }
    ReadCopies.Recall recall = given.recall(key, places);
    return recall::close;
  }

  private BlobManifest remove(DeleteBlob command) {
    BlobKey key = command.blobKey();
    AtomicBoolean agreed = new AtomicBoolean();
    Admission.Passage recalled = recall(key);
    try (StockChange change = heat.change(key, placement::segmentOf)) {
      Optional<BlobManifest> deleted;
      try {
        deleted =
            provider.delete(
                key,
                present -> {
                  requireCondition(command.condition(), key, Optional.of(present));
                  agreed.set(true);
                });
      } catch (RuntimeException | Error e) {
        if (agreed.get()) {
          change.unknown();
        }
        throw e;
      }
      change.book(deleted, Optional.empty());
      return deleted.orElseThrow(() -> BlobErrors.noSuchBlob(key));
    } finally {
      recalled.close();
    }
  }

  private BucketDefinition bucketOf(BlobKey key) {
    return provider
        .findBucket(key.bucket())
        .orElseThrow(() -> BlobErrors.noSuchBucket(key.bucket()));
  }

  private void requireTime(Message message, long size) {
    if (message.deadline().isPresent() && !clock.instant().isBefore(message.deadline().get())) {
      throw new WarehouseException(
          StandardErrorCode.TIMEOUT,
          "the deadline passed after " + size + " bytes of content; nothing was stored");
    }
  }

  private static void requireCondition(
      WriteCondition condition, BlobKey key, Optional<BlobManifest> present) {
    Optional<String> etag = present.map(BlobManifest::etag);
    if (condition.holds(etag)) {
      return;
    }
    boolean matches = new WriteCondition(condition.ifMatch(), List.of()).holds(etag);
    throw BlobErrors.preconditionFailed(matches ? "If-None-Match" : "If-Match", key, etag);
  }

  private static long sizeOf(Optional<BlobManifest> present) {
    return present.map(BlobManifest::size).orElse(0L);
  }

  /** What is stored is stored, whether or not its source can be closed. */
  private static void close(Content content) {
    try {
      content.close();
    } catch (UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the source of a content could not be closed", e);
    }
  }
}
