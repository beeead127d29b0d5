package io.datawarehouse.kernel.placement;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Map;
import java.util.Optional;

/**
 * Why a node does not let in a request about a key, told so that its kernel can do something about
 * it before the sender hears of it. Stateless.
 */
public final class Refusals {

  /** What can be done. */
  public enum Remedy {
    /** Trying again in a moment: the key is just moving. */
    WAIT,
    /** Learning the latest table, and sending the request to the owner. */
    ELSEWHERE,
    /** Learning the latest table, and answering where the key is still owned. */
    ASK
  }

  private static final String ATTRIBUTE = "remedy";

  private Refusals() {}

  /** Makes the refusal of a change of a key that is just moving. */
  public static WarehouseException waiting(String why) {
    return refusal(Remedy.WAIT, why);
  }

  /** Makes the refusal of what another node owns. */
  public static WarehouseException elsewhere(String why) {
    return refusal(Remedy.ELSEWHERE, why);
  }

  /** Makes the refusal of a read of a key that may have moved already. */
  public static WarehouseException unsure(String why) {
    return refusal(Remedy.ASK, why);
  }

  private static WarehouseException refusal(Remedy remedy, String why) {
    return new WarehouseException(
        StandardErrorCode.OWNER_UNAVAILABLE, why, Map.of(ATTRIBUTE, remedy.name()), null);
  }

  /** Returns what can be done about an error; empty where it is no refusal of this kind. */
  public static Optional<Remedy> remedyOf(WarehouseException error) {
    return error.code() == StandardErrorCode.OWNER_UNAVAILABLE
        ? Optional.ofNullable(error.attributes().get(ATTRIBUTE)).map(Remedy::valueOf)
        : Optional.empty();
  }
}
