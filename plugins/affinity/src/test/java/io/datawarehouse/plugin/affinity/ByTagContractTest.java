package io.datawarehouse.plugin.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.testkit.balance.AffinityProviderContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ByTagContractTest extends AffinityProviderContract {

  @Override
  protected AffinityProvider provider() {
    return new ByTag("Tenant");
  }

  @Override
  protected List<List<Message>> groups() {
    return List.of(
        List.of(
            Messages.about(Messages.write("photos", "a", Map.of("Tenant", "blue"))),
            Messages.about(Messages.write("letters", "b", Map.of("Tenant", "blue", "x", "y"))),
            Messages.with("tenant", "blue")),
        List.of(Messages.with("TENANT", "red"), Messages.with("tenant", "red", "x", "blue")));
  }

  @Override
  protected List<Message> loners() {
    return List.of(
        Messages.plain(),
        Messages.about(Messages.write("photos", "a", Map.of("colour", "blue"))),
        Messages.about(Messages.read("photos", "a")),
        Messages.with("tenant", ""));
  }

  @Test
  void headerComesBeforeTheTagOfTheBlob() {
    Message both =
        Messages.about(Messages.write("photos", "a", Map.of("Tenant", "blue")))
            .copy()
            .headers(Map.of("tenant", "red"))
            .build();

    assertThat(provider().keyOf(both)).isEqualTo("red");
  }
}
