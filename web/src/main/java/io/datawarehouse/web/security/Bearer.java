package io.datawarehouse.web.security;

import io.datawarehouse.kernel.security.Authenticator;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;

/** Reads the bearer token of a request (RFC 6750). */
public final class Bearer {

  private static final String SCHEME = "Bearer ";

  private Bearer() {}

  /** Returns the role of the caller, or throws {@code UNAUTHENTICATED}. */
  public static Role authenticate(HttpServletRequest request, Authenticator authenticator) {
    Enumeration<String> values = request.getHeaders("Authorization");
    if (!values.hasMoreElements()) {
      throw unauthenticated("Authorization is missing; send 'Bearer TOKEN'");
    }
    String value = values.nextElement();
    if (values.hasMoreElements()) {
      throw unauthenticated("Authorization is there more than once");
    }
    if (!value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw unauthenticated("Authorization is not of the scheme Bearer");
    }
    return authenticator
        .authenticate(value.substring(SCHEME.length()).strip())
        .orElseThrow(() -> unauthenticated("the token is not known"));
  }

  /** Throws {@code FORBIDDEN} unless the caller's role includes the one that is needed. */
  public static void require(Role needed, Role present) {
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
