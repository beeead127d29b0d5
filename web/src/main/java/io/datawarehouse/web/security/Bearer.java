package io.datawarehouse.web.security;

import io.datawarehouse.kernel.security.Authenticator;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import org.jspecify.annotations.Nullable;

/** The bearer token of a request (RFC 6750). */
public final class Bearer {

  private static final String SCHEME = "Bearer ";
  private static final int LONGEST_TOKEN = 1024;

  private Bearer() {}

  /**
   * Returns the role of the caller. What was sent is shown to nobody.
   *
   * @param authorization the value of the header; null where it is missing
   * @throws WarehouseException {@code UNAUTHENTICATED}
   */
  public static Role authenticate(@Nullable String authorization, Authenticator authenticator) {
    if (authorization == null) {
      throw unauthenticated("Authorization is missing; send 'Bearer TOKEN'");
    }
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw unauthenticated("Authorization is not of the scheme Bearer; send 'Bearer TOKEN'");
    }
    String token = authorization.substring(SCHEME.length()).strip();
    if (token.isEmpty() || token.length() > LONGEST_TOKEN) {
      throw unauthenticated("the token in Authorization is not known");
    }
    return authenticator
        .authenticate(token)
        .orElseThrow(() -> unauthenticated("the token in Authorization is not known"));
  }

  /** Throws {@code FORBIDDEN} unless the caller's role includes the one that is needed. */
  public static void require(Role needed, @Nullable Role present) {
    if (present == null) {
      throw unauthenticated("Authorization is missing; send 'Bearer TOKEN'");
    }
    if (!present.includes(needed)) {
      throw new WarehouseException(
          StandardErrorCode.FORBIDDEN,
          "role " + needed.label() + " is needed; the token has role " + present.label());
    }
  }

  private static WarehouseException unauthenticated(String detail) {
    return new WarehouseException(StandardErrorCode.UNAUTHENTICATED, detail);
  }
}
