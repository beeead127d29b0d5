package io.datawarehouse.kernel.security;

import java.util.Optional;

/** Tells who holds a token. Thread-safe. */
public interface Authenticator {

  /**
   * Returns the role of the token's holder; empty for an unknown token. Takes the same time
   * whatever the token is.
   */
  Optional<Role> authenticate(String token);
}
