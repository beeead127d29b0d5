package io.datawarehouse.kernel.peer;

import io.datawarehouse.kernel.peer.PeerFrame.ErrorText;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.ErrorCategory;
import io.datawarehouse.sdk.error.ErrorCode;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Map;

/** Errors as they cross the wire, and those that the wire itself makes. */
public final class PeerErrors {

  private static final Map<String, StandardErrorCode> STANDARD =
      java.util.Arrays.stream(StandardErrorCode.values())
          .collect(java.util.stream.Collectors.toUnmodifiableMap(Enum::name, code -> code));

  private static final int LONGEST_DETAIL = 16_384;

  /** A code that this node does not know: a plugin's of another node. */
  private record ForeignCode(String name, ErrorCategory category, boolean retryable)
      implements ErrorCode {}

  private PeerErrors() {}

  /** Returns an error as text. */
  public static ErrorText textOf(WarehouseException error) {
    String detail = error.detail();
    return new ErrorText(
        error.code().name(),
        error.code().category().name(),
        error.code().retryable(),
        detail.length() > LONGEST_DETAIL ? detail.substring(0, LONGEST_DETAIL) : detail,
        error.attributes());
  }

  /** Returns the error that a text stands for; with this node's own code where it has that. */
  public static WarehouseException errorOf(ErrorText text) {
    ErrorCode code = STANDARD.get(text.code());
    if (code == null) {
      code = new ForeignCode(text.code(), categoryOf(text.category()), text.retryable());
    }
    return new WarehouseException(code, text.detail(), text.attributes(), null);
  }

  private static ErrorCategory categoryOf(String name) {
    for (ErrorCategory category : ErrorCategory.values()) {
      if (category.name().equals(name)) {
        return category;
      }
    }
    return ErrorCategory.EXTERNAL;
  }

  /** Makes the error for a link that broke or is not there. */
  public static WarehouseException unreachable(NodeId node, String how) {
    return new WarehouseException(
        StandardErrorCode.UNAVAILABLE, "node " + node + " cannot be reached: " + how);
  }
}
