package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.WarehouseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the headers that concern blobs. */
public final class BlobHeaders {

  private static final String IF_MATCH = "If-Match";
  private static final String IF_NONE_MATCH = "If-None-Match";
  private static final String IF_RANGE = "If-Range";
  private static final String DEFAULT_TYPE = "application/octet-stream";

  private BlobHeaders() {}

  /** Returns the media type of the body. */
  public static String contentType(HttpRequest request) {
    String type = request.header("Content-Type");
    if (type == null) {
      return DEFAULT_TYPE;
    }
    RequestHeaders.requireMediaType(type);
    return type;
  }

  /** Refuses what would be lost: a coding or a range of the body. */
  public static void refuseUnsupported(HttpRequest request) {
    String coding = request.header("Content-Encoding");
    if (coding != null && !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
      throw WarehouseException.invalid(
          HttpErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "Content-Encoding",
          coding,
          "content is kept as it comes and its coding would be forgotten; send it plain, or name"
              + " the coded form in Content-Type");
    }
    if (request.header("Content-Range") != null) {
      throw WarehouseException.invalid(
          "Content-Range", request.header("Content-Range"), "a PUT writes the whole blob");
    }
  }

  /** Returns the digests that the writer announces. */
  public static List<ContentDigest> digests(HttpRequest request) {
    return list(request, "Content-Digest").map(DigestHeader::parse).orElse(List.of());
  }

  /** Returns the tags: one {@code DW-Tag: name=value} each. */
  public static Map<String, String> tags(HttpRequest request) {
    return TagHeader.parse(request.headers(TagHeader.NAME));
  }

  /** Returns the causal context that the writer has seen. */
  public static Optional<String> context(HttpRequest request) {
    return Optional.ofNullable(request.header("DW-Context"));
  }

  /** Returns what must hold for a write or a delete. */
  public static WriteCondition writeCondition(HttpRequest request) {
    List<String> match = EntityTags.strong(list(request, IF_MATCH), IF_MATCH);
    List<String> noneMatch = EntityTags.weak(list(request, IF_NONE_MATCH), IF_NONE_MATCH);
    return match.isEmpty() && noneMatch.isEmpty()
        ? WriteCondition.none()
        : new WriteCondition(match, noneMatch);
  }

  /** Returns what a reader asks of the version. */
  public static ReadCondition readCondition(HttpRequest request) {
    List<String> match = EntityTags.strong(list(request, IF_MATCH), IF_MATCH);
    List<String> noneMatch = EntityTags.weak(list(request, IF_NONE_MATCH), IF_NONE_MATCH);
    Optional<Instant> modified = date(request, "If-Modified-Since");
    Optional<Instant> unmodified = date(request, "If-Unmodified-Since");
    String range = request.header(IF_RANGE);
    if (range == null
        && match.isEmpty()
        && noneMatch.isEmpty()
        && modified.isEmpty()
        && unmodified.isEmpty()) {
      return ReadCondition.none();
    }
    Optional<Instant> rangeDate = date(request, IF_RANGE);
    return new ReadCondition(
        match,
        noneMatch,
        modified,
        unmodified,
        range == null || rangeDate.isPresent() ? Optional.empty() : Optional.of(rangeTag(range)),
        rangeDate);
  }

  /** What is neither a tag nor a date matches no version, so that the whole content is sent. */
  private static String rangeTag(String value) {
    return EntityTags.single(value, IF_RANGE).orElse("W/malformed");
  }

  private static Optional<Instant> date(HttpRequest request, String header) {
    return Optional.ofNullable(request.header(header)).flatMap(HttpDate::parse);
  }

  /** Several lines of a list mean the same as one line with commas. */
  private static Optional<String> list(HttpRequest request, String header) {
    List<String> lines = request.headers(header);
    return lines.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", lines));
  }
}
