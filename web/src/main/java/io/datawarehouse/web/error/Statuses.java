package io.datawarehouse.web.error;

import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.web.http.HttpErrorCode;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Which HTTP status an error code has. */
public final class Statuses {

  private static final Map<StandardErrorCode, Integer> KNOWN =
      new EnumMap<>(StandardErrorCode.class);

  static {
    put(400, StandardErrorCode.INVALID_ARGUMENT, StandardErrorCode.INVALID_BUCKET_NAME);
    put(400, StandardErrorCode.INVALID_KEY, StandardErrorCode.INVALID_TOPIC);
    put(400, StandardErrorCode.INVALID_JSON, StandardErrorCode.SETTING_UNSUPPORTED);
    put(400, StandardErrorCode.INVALID_CONTEXT, StandardErrorCode.DIGEST_MISMATCH);
    put(400, StandardErrorCode.DIGEST_UNSUPPORTED, StandardErrorCode.CONTENT_LENGTH_MISMATCH);
    put(400, StandardErrorCode.CONTENT_INTERRUPTED, StandardErrorCode.PAYLOAD_MISMATCH);
    put(401, StandardErrorCode.UNAUTHENTICATED);
    put(403, StandardErrorCode.FORBIDDEN);
    put(404, StandardErrorCode.NO_SUCH_BUCKET, StandardErrorCode.NO_SUCH_BLOB);
    put(404, StandardErrorCode.NOT_FOUND, StandardErrorCode.NO_HANDLER);
    put(408, StandardErrorCode.CONTENT_STALLED);
    put(409, StandardErrorCode.BUCKET_EXISTS, StandardErrorCode.BUCKET_NOT_EMPTY);
    put(409, StandardErrorCode.NO_RECORDED_LOAD);
    put(409, StandardErrorCode.TOPOLOGY_CHANGED, StandardErrorCode.PLAN_CONFLICT);
    put(410, StandardErrorCode.KEY_DESTROYED);
    put(412, StandardErrorCode.PRECONDITION_FAILED);
    put(413, StandardErrorCode.TOO_LARGE);
    put(416, StandardErrorCode.RANGE_NOT_SATISFIABLE);
    put(503, StandardErrorCode.BULKHEAD_FULL, StandardErrorCode.CIRCUIT_OPEN);
    put(
        503,
        StandardErrorCode.UNAVAILABLE,
        StandardErrorCode.KEY_UNAVAILABLE,
        StandardErrorCode.OWNER_UNAVAILABLE,
        StandardErrorCode.RESIDENCY_UNSATISFIED);
    put(503, StandardErrorCode.TRANSFORMER_MISSING);
    put(504, StandardErrorCode.TIMEOUT);
    put(507, StandardErrorCode.QUOTA_EXCEEDED, StandardErrorCode.DISK_FULL);
  }

  private Statuses() {}

  private static void put(int status, StandardErrorCode... codes) {
    for (StandardErrorCode code : codes) {
      KNOWN.put(code, status);
    }
  }

  /** Returns the status; a plugin's own code gets that of its category. */
  public static int of(ErrorCode code) {
    if (code instanceof HttpErrorCode http) {
      return http.status();
    }
    Integer known = code instanceof StandardErrorCode standard ? KNOWN.get(standard) : null;
    if (known != null) {
      return known;
    }
    return switch (code.category()) {
      case USER -> 400;
      case RESOURCES -> 503;
      case INTERNAL, EXTERNAL -> 500;
    };
  }

  /** Returns a title made of the code's name: {@code NO_SUCH_BLOB} reads {@code No such blob}. */
  public static String title(String code) {
    String words = code.replace('_', ' ').toLowerCase(Locale.ROOT);
    return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }
}
