package io.datawarehouse.testkit.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.security.Secret;
import io.datawarehouse.sdk.security.SecretManager;
import io.datawarehouse.testkit.contract.BrokenContracts;
import io.datawarehouse.testkit.kernel.MapSecrets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The contract notices what secret managers do wrong. */
class SecretManagerContractTest {

  private static UnaryOperator<SecretManager> flaw = sound -> sound;

  static class OfBroken extends SecretManagerContract {
    private final MapSecrets sound = new MapSecrets();
    private final SecretManager broken = flaw.apply(sound);

    @Override
    protected SecretManager secrets() {
      return broken;
    }

    @Override
    protected void plant(String name, String value) {
      sound.put(name, value);
    }
  }

  @Test
  void secretThatIsSharedIsNoticed() {
    assertThat(failures(Sharing::new))
        .contains("everyCallerGetsASecretOfItsOwn", "manyThreadsMayAskAtOnce");
  }

  @Test
  void namesThatAreNotCheckedOrKeptApartAreNoticed() {
    assertThat(failures(Careless::new))
        .containsExactly(
            "missingSecretIsEmptyOrATypedErrorThatNamesIt",
            "nameThatBreaksTheRuleIsRefused",
            "namesAreKeptApart",
            "secretShowsNowhere");
  }

  @Test
  void secretInAnErrorOrInWordsIsNoticed() {
    assertThat(failures(Talking::new)).containsExactly("secretShowsNowhere");
  }

  private static Set<String> failures(UnaryOperator<SecretManager> broken) {
    flaw = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }

  /** Hands the same secret to everybody. */
  private record Sharing(SecretManager sound, Map<String, Secret> given) implements SecretManager {
    Sharing(SecretManager sound) {
      this(sound, new TreeMap<>());
    }

    @Override
    public synchronized Optional<Secret> find(String name) {
      if (!given.containsKey(name)) {
        sound.find(name).ifPresent(secret -> given.put(name, secret));
      }
      return Optional.ofNullable(given.get(name));
    }

    @Override
    public Secret require(String name) {
      return find(name).orElseGet(() -> sound.require(name));
    }
  }

  /** Takes any name, one sign for another, and says little of what is missing. */
  private record Careless(SecretManager sound) implements SecretManager {
    @Override
    public Optional<Secret> find(String name) {
      String form = name.replaceAll("[^a-z0-9]+", ".").replaceAll("^\\.|\\.$|^$", "x");
      return form.length() > 200 ? Optional.empty() : sound.find(form);
    }

    @Override
    public Secret require(String name) {
      return find(name)
          .orElseThrow(() -> new WarehouseException(StandardErrorCode.NOT_FOUND, "no secret"));
    }
  }

  /** Says more than it should. */
  private record Talking(SecretManager sound) implements SecretManager {
    @Override
    public Optional<Secret> find(String name) {
      return sound.find(name);
    }

    @Override
    public Secret require(String name) {
      return sound.require(name);
    }

    @Override
    public String toString() {
      return sound
          .find("upstream.token")
          .map(secret -> "holds " + new String(secret.chars()))
          .orElse("holds nothing");
    }
  }
}
