package io.datawarehouse.web.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.kernel.security.Authenticator;
import io.datawarehouse.kernel.security.Role;
import io.datawarehouse.sdk.error.WarehouseException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTest {

  private static final Authenticator ONE_WRITER =
      token -> token.equals("s3cret") ? Optional.of(Role.WRITER) : Optional.empty();

  @ParameterizedTest
  @ValueSource(strings = {"Bearer s3cret", "bearer s3cret", "BEARER   s3cret "})
  void knowsTheHolderOfAToken(String header) {
    assertThat(Bearer.authenticate(header, ONE_WRITER)).isEqualTo(Role.WRITER);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Basic s3cret",
        "s3cret",
        "Bearers3cret",
        "Bearer S3CRET",
        "Bearer s3cret s3cret",
        "Bearer s3cret,",
        " Bearer s3cret"
      })
  void refusesEverythingElseWithoutShowingIt(String header) {
    assertThatThrownBy(() -> Bearer.authenticate(header, ONE_WRITER))
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo("UNAUTHENTICATED"))
        .hasMessageNotContaining("3cret");
  }

  @Test
  void asksNobodyAboutAnEndlessToken() {
    Authenticator unasked =
        token -> {
          throw new AssertionError("asked");
        };

    assertThatThrownBy(() -> Bearer.authenticate("Bearer " + "x".repeat(1025), unasked))
        .isInstanceOf(WarehouseException.class);
  }

  @Test
  void namesTheRoleThatIsNeeded() {
    assertThatCode(() -> Bearer.require(Role.READER, Role.WRITER)).doesNotThrowAnyException();
    assertThatThrownBy(() -> Bearer.require(Role.OPERATOR, Role.WRITER))
        .hasMessageContaining("role operator is needed")
        .isInstanceOfSatisfying(
            WarehouseException.class, e -> assertThat(e.code().name()).isEqualTo("FORBIDDEN"));
    assertThatThrownBy(() -> Bearer.require(Role.READER, null))
        .isInstanceOfSatisfying(
            WarehouseException.class,
            e -> assertThat(e.code().name()).isEqualTo("UNAUTHENTICATED"));
  }
}
