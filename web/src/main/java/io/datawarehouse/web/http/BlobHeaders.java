package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
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
  public static String contentType(HttpServletRequest request) {
    String type = request.getContentType();
    if (type == null) {
      return DEFAULT_TYPE;
    }
    RequestHeaders.requireMediaType(type);
    return type;
  }

  /** Refuses what would be lost: a coding or a range of the body. */
  public static void refuseUnsupported(HttpServletRequest request) {
    String coding = request.getHeader("Content-Encoding");
    if (coding != null && !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
      throw WarehouseException.invalid(
          HttpErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "Content-Encoding",
          coding,
          "content is kept as it comes and its coding would be forgotten; send it plain, or name the"
              + " coded form in Content-Type");
    }
    if (request.getHeader("Content-Range") != null) {
      throw WarehouseException.invalid(
          "Content-Range", request.getHeader("Content-Range"), "a PUT writes the whole blob");
    }
  }

  /** Returns the digests that the writer announces. */
  public static List<ContentDigest> digests(HttpServletRequest request) {
    return list(request, "Content-Digest").map(DigestHeader::parse).orElse(List.of());
  }

  /** Returns the tags: one {@code DW-Tag: name=value} each. */
  public static Map<String, String> tags(HttpServletRequest request) {
    return TagHeader.parse(Collections.list(request.getHeaders(TagHeader.NAME)));
  }

  /** Returns the causal context that the writer has seen. */
  public static Optional<String> context(HttpServletRequest request) {
    return Optional.ofNullable(request.getHeader("DW-Context"));
  }

  /** Returns what must hold for a write or a delete. */
  public static WriteCondition writeCondition(HttpServletRequest request) {
    List<String> match = EntityTags.strong(list(request, IF_MATCH), IF_MATCH);
    List<String> noneMatch = EntityTags.weak(list(request, IF_NONE_MATCH), IF_NONE_MATCH);
    return match.isEmpty() && noneMatch.isEmpty()
        ? WriteCondition.none()
        : new WriteCondition(match, noneMatch);
  }

  /** Returns what a reader asks of the version. */
  public static ReadCondition readCondition(HttpServletRequest request) {
    List<String> match = EntityTags.strong(list(request, IF_MATCH), IF_MATCH);
    List<String> noneMatch = EntityTags.weak(list(request, IF_NONE_MATCH), IF_NONE_MATCH);
    Optional<Instant> modified = date(request, "If-Modified-Since");
    Optional<Instant> unmodified = date(request, "If-Unmodified-Since");
    String range = request.getHeader(IF_RANGE);
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

  private static Optional<Instant> date(HttpServletRequest request, String header) {
    return Optional.ofNullable(request.getHeader(header)).flatMap(HttpDate::parse);
  }

  /** Several lines of a list mean the same as one line with commas. */
  private static Optional<String> list(HttpServletRequest request, String header) {
    Enumeration<String> lines = request.getHeaders(header);
    if (!lines.hasMoreElements()) {
      return Optional.empty();
    }
    String first = lines.nextElement();
    return Optional.of(
        lines.hasMoreElements()
            ? first + ", " + String.join(", ", Collections.list(lines))
            : first);
  }
}
