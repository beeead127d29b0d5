package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.scrub.Finding;
import io.datawarehouse.kernel.scrub.Round;
import io.datawarehouse.kernel.scrub.ScrubOffice;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.web.audit.Audited;
import io.datawarehouse.web.http.QueryParameters;
import io.datawarehouse.web.json.JsonAnswer;
import io.datawarehouse.web.security.Allows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The background check of what is stored, and what it found. */
@Path("/scrub")
public final class ScrubResource {

  private static final int DEFAULT_LIMIT = 100;
  private static final int MOST = 1000;

  /** What is damaged; without a key where nobody can say which blobs it were. */
  record Damaged(Optional<String> bucket, Optional<String> key, String reason, Instant foundAt) {

    static Damaged of(Finding finding) {
      return new Damaged(
          finding.bucket().map(BucketName::value),
          finding.key(),
          finding.reason(),
          finding.foundAt());
    }
  }

  /** A round as it is answered. */
  record RoundView(
      Instant startedAt,
      Optional<Instant> endedAt,
      Optional<String> bucket,
      Optional<String> key,
      long blobs,
      long bytes,
      long passedOver) {

    static RoundView of(Round round) {
      return new RoundView(
          round.startedAt(),
          round.endedAt(),
          round.place().map(blob -> blob.bucket().value()),
          round.place().map(BlobKey::key),
          round.blobs(),
          round.bytes(),
          round.passedOver());
    }
  }

  record ScrubView(
      ScrubOffice.State state,
      long bytesPerSecond,
      Optional<RoundView> round,
      Optional<RoundView> lastRound,
      Optional<Instant> nextRoundAt,
      long damagedBlobs,
      List<Damaged> damaged,
      Optional<String> next) {

    static ScrubView of(ScrubOffice.Status status, ScrubOffice.Page page) {
      return new ScrubView(
          status.state(),
          status.bytesPerSecond(),
          status.round().map(RoundView::of),
          status.lastRound().map(RoundView::of),
          status.nextRoundAt(),
          status.damaged(),
          page.findings().stream().map(Damaged::of).toList(),
          page.next());
    }
  }

  private final Supplier<ScrubOffice> office;

  ScrubResource(Supplier<ScrubOffice> office) {
    this.office = office;
  }

  /** Shows how far the check is and a page of what it found. */
  @GET
  @Allows(Role.READER)
  public Response status(@Context HttpServletRequest request) {
    QueryParameters parameters = QueryParameters.parse(request.getQueryString(), "after", "limit");
    int limit = parameters.integer("limit", DEFAULT_LIMIT, 1, MOST);
    ScrubOffice present = office.get();
    // The page first: it forgets what was mended.
    ScrubOffice.Page page = present.findings(parameters.find("after"), limit);
    return JsonAnswer.of(200, ScrubView.of(present.status(), page)).build();
  }

  /** Begins a round now. */
  @POST
  @Allows(Role.OPERATOR)
  @Audited("scrub.begin")
  public Response begin(@Context HttpServletRequest request) {
    QueryParameters.parse(request.getQueryString());
    office.get().begin();
    return Response.accepted().build();
  }
}
