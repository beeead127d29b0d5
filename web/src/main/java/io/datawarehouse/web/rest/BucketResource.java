package io.datawarehouse.web.rest;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.BucketCreated;
import io.datawarehouse.sdk.blob.StorageMessages.BucketDescription;
import io.datawarehouse.sdk.blob.StorageMessages.BucketList;
import io.datawarehouse.sdk.blob.StorageMessages.BucketShard;
import io.datawarehouse.sdk.blob.StorageMessages.ChangePipeline;
import io.datawarehouse.sdk.blob.StorageMessages.ChangeSharding;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DeleteBucket;
import io.datawarehouse.sdk.blob.StorageMessages.DescribeBucket;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.blob.StorageMessages.ShardingChanged;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import io.datawarehouse.web.audit.Audited;
import io.datawarehouse.web.http.Exchange;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.json.JsonBody;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Buckets, and what is in them. */
@Path("/buckets")
public final class BucketResource {

  private static final int DEFAULT_LIMIT = 1000;

  /** A bucket as it is answered: its settings beside its name and what it holds. */
  record BucketView(
      BucketName name,
      @JsonUnwrapped BucketSettings settings,
      Instant createdAt,
      long blobCount,
      long bytes,
      boolean incomplete,
      List<NodeId> missing,
      Optional<List<BucketShard>> shards) {

    static BucketView of(BucketDescription bucket) {
      return new BucketView(
          bucket.name(),
          bucket.settings(),
          bucket.createdAt(),
          bucket.usage().blobCount(),
          bucket.usage().bytes(),
          !bucket.missing().isEmpty(),
          bucket.missing(),
          Optional.of(bucket.shards()).filter(shards -> !shards.isEmpty()));
    }
  }

  /** What is asked of a bucket's pipeline. */
  record PipelineChange(Optional<List<String>> pipeline) {}

  /** What is asked of the way in which a bucket's keys are divided. */
  record ShardingChange(Optional<String> sharding, Optional<ShardingOptions> shardingOptions) {}

  /** A plan that has to be started, and the bucket as it is until then. */
  record ShardingPlanView(String id, String state, BucketView bucket) {}

  record BucketsView(List<BucketView> buckets) {}

  /**
   * A page of a listing; {@code next} is left out at the end. It is incomplete where nodes are
   * missing that could not be asked.
   */
  record ListingView(
      List<BlobManifest> blobs,
      List<String> prefixes,
      Optional<String> next,
      boolean incomplete,
      List<NodeId> missing) {

    static ListingView of(BlobListing page) {
      return new ListingView(
          page.blobs(), page.prefixes(), page.next(), !page.missing().isEmpty(), page.missing());
    }
  }

  private final Gateway gateway;

  BucketResource(Gateway gateway) {
    this.gateway = gateway;
  }

  /** Lists the buckets. */
  @GET
  @Allows(Role.READER)
  public Response list(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    BucketList buckets =
        gateway
            .send(Exchange.of(request), Message.query(StorageTopics.BUCKET_LIST, Payload.empty()))
            .as(BucketList.class);
    return JsonAnswer.of(
            200, new BucketsView(buckets.buckets().stream().map(BucketView::of).toList()))
        .build();
  }

  /** Makes a bucket. */
  @PUT
  @Path("/{bucket}")
  @Allows(Role.WRITER)
  @Audited("bucket.create")
  public Response create(@PathParam("bucket") String bucket, @Context HttpServletRequest request)
      throws IOException {
    BucketName name = new BucketName(bucket);
    QueryParameters.parse(request.getQueryString());
    BucketSettings settings =
        JsonBody.read(Exchange.of(request), BucketSettings.class).orElse(BucketSettings.none());
    BucketCreated created =
        gateway
            .command(
                Exchange.of(request),
                StorageTopics.BUCKET_CREATE,
                new CreateBucket(name, settings),
                name.value())
            .as(BucketCreated.class);
    if (!created.created()) {
      Exchange.of(request).accountFor(null);
    }
    return JsonAnswer.of(created.created() ? 201 : 200, BucketView.of(created.bucket())).build();
  }

  /** Gives a bucket another pipeline, for content that is written from now on. */
  @PUT
  @Path("/{bucket}/pipeline")
  @Allows(Role.OPERATOR)
  @Audited("bucket.pipeline")
  public Response changePipeline(
      @PathParam("bucket") String bucket, @Context HttpServletRequest request) throws IOException {
    BucketName name = new BucketName(bucket);
    QueryParameters.parse(request.getQueryString());
    List<String> pipeline =
        JsonBody.require(Exchange.of(request), PipelineChange.class)
            .pipeline()
            .orElseThrow(
                () ->
                    WarehouseException.invalid(
                        "pipeline", null, "give a list; an empty one stores content as it comes"));
    Exchange.of(request).say("pipeline " + pipeline);
    BucketDescription changed =
        gateway
            .command(
                Exchange.of(request),
                StorageTopics.BUCKET_PIPELINE,
                new ChangePipeline(name, pipeline),
                name.value())
            .as(BucketDescription.class);
    return JsonAnswer.of(200, BucketView.of(changed)).build();
  }

  /** Divides a bucket in another way, at once where it is empty, by a plan where it is not. */
  @PUT
  @Path("/{bucket}/sharding")
  @Allows(Role.OPERATOR)
  @Audited("bucket.sharding")
  public Response changeSharding(
      @PathParam("bucket") String bucket, @Context HttpServletRequest request) throws IOException {
    BucketName name = new BucketName(bucket);
    QueryParameters.parse(request.getQueryString());
    ShardingChange change = JsonBody.require(Exchange.of(request), ShardingChange.class);
    String sharding =
        change
            .sharding()
            .orElseThrow(
                () -> WarehouseException.invalid("sharding", null, "name a sharding strategy"));
    Exchange.of(request).say("sharding " + sharding);
    ShardingChanged changed =
        gateway
            .command(
                Exchange.of(request),
                StorageTopics.BUCKET_SHARDING,
                new ChangeSharding(name, sharding, change.shardingOptions()),
                name.value())
            .as(ShardingChanged.class);
    return changed.plan().isEmpty()
        ? JsonAnswer.of(200, BucketView.of(changed.bucket())).build()
        : JsonAnswer.of(
                202,
                new ShardingPlanView(
                    changed.plan().get(), "PREVIEW", BucketView.of(changed.bucket())))
            .build();
  }

  /** Shows a bucket. */
  @GET
  @Path("/{bucket}")
  @Allows(Role.READER)
  public Response describe(
      @PathParam("bucket") String bucket, @Context HttpServletRequest request) {
    BucketName name = new BucketName(bucket);
    QueryParameters.parse(request.getQueryString());
    return JsonAnswer.of(
            200,
            BucketView.of(
                gateway
                    .ask(
                        Exchange.of(request),
                        StorageTopics.BUCKET_DESCRIBE,
                        new DescribeBucket(name),
                        name.value())
                    .as(BucketDescription.class)))
        .build();
  }

  /** Removes an empty bucket. */
  @DELETE
  @Path("/{bucket}")
  @Allows(Role.WRITER)
  @Audited("bucket.delete")
  public Response delete(@PathParam("bucket") String bucket, @Context HttpServletRequest request) {
    BucketName name = new BucketName(bucket);
    QueryParameters.parse(request.getQueryString());
    gateway.command(
        Exchange.of(request), StorageTopics.BUCKET_DELETE, new DeleteBucket(name), name.value());
    return Response.noContent().build();
  }

  /** Lists blobs in the order of their keys' UTF-8 bytes. */
  @GET
  @Path("/{bucket}/blobs")
  @Allows(Role.READER)
  public Response listBlobs(
      @PathParam("bucket") String bucket, @Context HttpServletRequest request) {
    BucketName name = new BucketName(bucket);
    QueryParameters parameters =
        QueryParameters.parse(request.getQueryString(), "prefix", "delimiter", "after", "limit");
    ListBlobs query =
        new ListBlobs(
            name,
            parameters.find("prefix").orElse(""),
            parameters.find("delimiter"),
            parameters.find("after"),
            parameters.integer("limit", DEFAULT_LIMIT, 1, ListBlobs.MOST));
    BlobListing page =
        gateway
            .ask(Exchange.of(request), StorageTopics.LIST, query, name.value())
            .as(BlobListing.class);
    return JsonAnswer.of(200, ListingView.of(page)).build();
  }
}
