package com.example.tenant;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.testkit.balance.AffinityProviderContract;
import java.util.List;
import java.util.Map;

class TenantContractTest extends AffinityProviderContract {

  @Override
  protected AffinityProvider provider() {
    return new TenantPlugin();
  }

  @Override
  protected List<List<Message>> groups() {
    return List.of(
        List.of(by("acme/anna"), by("acme/bert")), List.of(by("umbrella/anna"), by("umbrella/")));
  }

  @Override
  protected List<Message> loners() {
    return List.of(by("anna"), by("/anna"), by(""));
  }

  private static Message by(String user) {
    return Message.query(Topic.of("work.do"), Payload.empty())
        .headers(Map.of("x-user", user))
        .build();
  }
}
