package io.datawarehouse.testkit.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.security.Secret;
import io.datawarehouse.sdk.security.SecretManager;
import io.datawarehouse.testkit.contract.Crowd;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a {@link SecretManager} must do, wherever its secrets come from. */
public abstract class SecretManagerContract {

  private static final String VALUE = "swordfish-\u00e4\u20ac-0123456789";
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int THREADS = 4;

  /** Returns the secrets under test, the same object at each call of one test. */
  protected abstract SecretManager secrets();

  /** Puts a secret where the secrets under test look, before they are first asked for it. */
  protected abstract void plant(String name, String value) throws Exception;

  @Test
  void plantedSecretIsFoundAsBytesAndAsText() throws Exception {
    plant("upstream.token", VALUE);

    try (Secret found = secrets().find("upstream.token").orElseThrow();
        Secret required = secrets().require("upstream.token")) {
      assertThat(found.bytes()).isEqualTo(VALUE.getBytes(StandardCharsets.UTF_8));
      assertThat(required.chars()).isEqualTo(VALUE.toCharArray());
    }
  }

  @Test
  void everyCallerGetsASecretOfItsOwn() throws Exception {
    plant("upstream.token", VALUE);
    Secret first = secrets().require("upstream.token");
    try (Secret second = secrets().require("upstream.token")) {
      assertThat(second.bytes()).isNotSameAs(first.bytes());

      first.close();

      assertThat(second.bytes()).isEqualTo(VALUE.getBytes(StandardCharsets.UTF_8));
      try (Secret third = secrets().require("upstream.token")) {
        assertThat(third.bytes()).isEqualTo(VALUE.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void namesAreKeptApart() throws Exception {
    plant("a.b", "of a.b");
    plant("a-b", "of a-b");
    plant("ab", "of ab");

    for (String name : List.of("a.b", "a-b", "ab")) {
      try (Secret secret = secrets().require(name)) {
        assertThat(new String(secret.chars())).isEqualTo("of " + name);
      }
    }
  }

  @Test
  void missingSecretIsEmptyOrATypedErrorThatNamesIt() {
    assertThat(secrets().find("is.not-there")).isEmpty();
    assertThatThrownBy(() -> secrets().require("is.not-there"))
        .hasMessageContaining("is.not-there")
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code()).isEqualTo(StandardErrorCode.NOT_FOUND));
  }

  @Test
  void nameThatBreaksTheRuleIsRefused() {
    for (String name :
        List.of("", "Upper", "a..b", ".a", "a.", "a--b", "../etc/passwd", "a b", "a_b")) {
      assertRefused(name);
    }
    assertRefused("a".repeat(201));
    assertThat(secrets().find("a".repeat(150))).isEmpty();
  }

  private void assertRefused(String name) {
    for (Throwable thrown :
        List.of(
            catchThrowable(() -> secrets().find(name)),
            catchThrowable(() -> secrets().require(name)))) {
      assertThat(thrown)
          .as("for the name '%s'", name)
          .isInstanceOfSatisfying(
              WarehouseException.class,
              e -> assertThat(e.code()).isEqualTo(StandardErrorCode.INVALID_ARGUMENT));
    }
  }

  @Test
  void secretShowsNowhere() throws Exception {
    plant("upstream.token", VALUE);

    try (Secret secret = secrets().require("upstream.token")) {
      Throwable missing = catchThrowable(() -> secrets().require("upstream.token.other"));
      Throwable refused = catchThrowable(() -> secrets().find("UPSTREAM"));
      assertThat(secrets() + " " + secrets().find("upstream.token") + " " + secret)
          .doesNotContain(VALUE);
      assertThat(missing).hasMessageNotContaining(VALUE);
      assertThat(refused).hasMessageNotContaining(VALUE);
    }
  }

  @Test
  void manyThreadsMayAskAtOnce() throws Exception {
    plant("upstream.token", VALUE);

    List<Boolean> right =
        Crowd.all(
            THREADS,
            SOON,
            thread -> {
              boolean all = true;
              for (int i = 0; i < 50; i++) {
                try (Secret secret = secrets().require("upstream.token")) {
                  all &= new String(secret.chars()).equals(VALUE);
                }
              }
              return all;
            });

    assertThat(right).containsOnly(true);
  }
}
