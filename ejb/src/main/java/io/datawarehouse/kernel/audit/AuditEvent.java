package io.datawarehouse.kernel.audit;

import io.datawarehouse.sdk.error.WarehouseException;
import java.util.regex.Pattern;

/**
 * Something that those must know who account for the node. Immutable. Text from outside is
 * shortened and loses what could pass for something else; MUST hold no secret.
 *
 * @param principal who did it: the role of a token, a node, or {@link #ANONYMOUS}
 * @param from the address that it came from; empty where there is none
 * @param action what was done: small letters, digits, dots and hyphens
 * @param target to what
 * @param outcome what came of it
 * @param code the stable name of the error; empty where there was none
 * @param reason what happened, in words; may be empty
 * @param correlationId the trace that it belongs to; empty where there is none
 */
public record AuditEvent(
    String principal,
    String from,
    String action,
    String target,
    Outcome outcome,
    String code,
    String reason,
    String correlationId) {

  /** Somebody who has not shown who it is. */
  public static final String ANONYMOUS = "anonymous";

  private static final Pattern ACTION = Pattern.compile("[a-z0-9][a-z0-9.-]{0,63}");
  private static final int LONGEST_NAME = 100;
  private static final int LONGEST_TEXT = 500;

  /** What came of an action. */
  public enum Outcome {
    /** It was done. */
    DONE,
    /** Whoever asked for it may not. */
    REFUSED,
    /** It could not be done, or not as it was asked for. */
    FAILED
  }

  /** Checks the action and shortens the rest. */
  public AuditEvent {
    if (!ACTION.matcher(action).matches()) {
      throw WarehouseException.invalid(
          "action", action, "use 1 to 64 small letters, digits, '.' and '-'");
    }
    principal = HarmlessText.of(principal, LONGEST_NAME);
    from = HarmlessText.of(from, LONGEST_NAME);
    target = HarmlessText.of(target, LONGEST_TEXT);
    code = HarmlessText.of(code, LONGEST_NAME);
    reason = HarmlessText.of(reason, LONGEST_TEXT);
    correlationId = HarmlessText.of(correlationId, LONGEST_NAME);
  }

  /** Something that a node or its kernel did, in no conversation with anybody. */
  public static AuditEvent ofKernel(
      String principal, String from, String action, Outcome outcome, String target, String reason) {
    return new AuditEvent(principal, from, action, target, outcome, "", reason, "");
  }
}
