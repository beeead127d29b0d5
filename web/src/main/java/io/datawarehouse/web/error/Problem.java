package io.datawarehouse.web.error;

import java.util.Map;

/**
 * An error as it is answered: {@code application/problem+json} (RFC 9457). Immutable.
 *
 * @param type what kind of problem it is, as a relative reference
 * @param title the same in a few words
 * @param status the HTTP status
 * @param detail what was wrong with this request
 * @param instance the request's path
 * @param code the stable name
 * @param nodeId the node that answered
 * @param traceId the trace that the node's log names
 * @param attributes what programs may want to know, for example the blob's size
 */
public record Problem(
    String type,
    String title,
    int status,
    String detail,
    String instance,
    String code,
    String nodeId,
    String traceId,
    Map<String, String> attributes) {

  /** The media type. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** Copies. */
  public Problem {
    attributes = Map.copyOf(attributes);
  }
}
