package io.datawarehouse.web.http;

import io.datawarehouse.sdk.blob.ContentDigest;
import io.datawarehouse.sdk.blob.ReadCondition;
import io.datawarehouse.sdk.blob.WriteCondition;
import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.NotSupportedException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the headers that concern blobs. */
public final class BlobHeaders {

  private static final String DEFAULT_TYPE = "application/octet-stream";

  private BlobHeaders() {}

  /** Returns the media type of the body. */
  public static String contentType(HttpServletRequest request) {
    String type = request.getContentType();
    if (type == null) {
      return DEFAULT_TYPE;
    }
    if (!type.matches("[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}([ \t]*;.*)?")) {
      throw WarehouseException.invalid("Content-Type", type, "use TYPE/SUBTYPE");
    }
    return type;
  }

  /** Refuses what would be lost: a coding or a range of the body. */
  public static void refuseUnsupported(HttpServletRequest request) {
    String coding = request.getHeader("Content-Encoding");
    if (coding != null && !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
      throw new NotSupportedException();
    }
    if (request.getHeader("Content-Range") != null) {
      throw WarehouseException.invalid(
          "Content-Range", request.getHeader("Content-Range"), "a PUT writes the whole blob");
    }
  }

  /** Returns the digests that the writer announces. */
  public static List<ContentDigest> digests(HttpServletRequest request) {
    List<String> lines = lines(request, "Content-Digest");
    return lines.isEmpty() ? List.of() : DigestHeader.parse(lines);
  }

  /** Returns the tags: one {@code DW-Tag: name=value} each. */
  public static Map<String, String> tags(HttpServletRequest request) {
    List<String> lines = lines(request, "DW-Tag");
    if (lines.isEmpty()) {
      return Map.of();
    }
    Map<String, String> tags = new HashMap<>();
    for (String line : lines) {
      int equals = line.indexOf('=');
      if (equals <= 0) {
        throw WarehouseException.invalid("DW-Tag", line, "use NAME=VALUE");
      }
      String name = line.substring(0, equals).strip();
      if (tags.put(name, line.substring(equals + 1).strip()) != null) {
        throw WarehouseException.invalid("DW-Tag", name, "is there twice");
      }
    }
    return tags;
  }

  /** Returns the causal context that the writer has seen. */
  public static Optional<String> context(HttpServletRequest request) {
    return Optional.ofNullable(request.getHeader("DW-Context"));
  }

  /** Returns what must hold for a write or a delete. */
  public static WriteCondition writeCondition(HttpServletRequest request) {
    List<String> match = tagLines(request, "If-Match", true);
    List<String> noneMatch = tagLines(request, "If-None-Match", false);
    return match.isEmpty() && noneMatch.isEmpty()
        ? WriteCondition.none()
        : new WriteCondition(match, noneMatch);
  }

  /** Returns what a reader asks of the version. */
  public static ReadCondition readCondition(HttpServletRequest request) {
    List<String> match = tagLines(request, "If-Match", true);
    List<String> noneMatch = tagLines(request, "If-None-Match", false);
    String modified = request.getHeader("If-Modified-Since");
    String unmodified = request.getHeader("If-Unmodified-Since");
    String range = request.getHeader("If-Range");
    if (match.isEmpty()
        && noneMatch.isEmpty()
        && modified == null
        && unmodified == null
        && range == null) {
      return ReadCondition.none();
    }
    return new ReadCondition(
        match,
        noneMatch,
        Optional.ofNullable(modified).flatMap(HttpDates::parse),
        Optional.ofNullable(unmodified).flatMap(HttpDates::parse),
        Optional.ofNullable(range).flatMap(BlobHeaders::rangeTag),
        Optional.ofNullable(range).flatMap(HttpDates::parse));
  }

  /** What is neither a tag nor a date matches no version, so that the whole content is sent. */
  private static Optional<String> rangeTag(String value) {
    if (value.strip().endsWith("\"")) {
      return Optional.of(EntityTags.parse("If-Range", List.of(value), true).get(0));
    }
    return HttpDates.parse(value).isPresent() ? Optional.empty() : Optional.of("W/malformed");
  }

  private static List<String> tagLines(HttpServletRequest request, String header, boolean strong) {
    List<String> lines = lines(request, header);
    return lines.isEmpty() ? List.of() : EntityTags.parse(header, lines, strong);
  }

  private static List<String> lines(HttpServletRequest request, String header) {
    return Collections.list(request.getHeaders(header));
  }
}
