package io.datawarehouse.plugin.affinity;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.testkit.balance.AffinityProviderContract;
import java.util.List;
import java.util.Map;

class BySessionContractTest extends AffinityProviderContract {

  @Override
  protected AffinityProvider provider() {
    return new BySession(
        "X-Session", new Stickiness.Pinned(BySession.USUAL_IDLE, BySession.USUAL_MOST));
  }

  @Override
  protected List<List<Message>> groups() {
    return List.of(
        List.of(Messages.with("x-session", "s1"), Messages.with("X-SESSION", "s1", "a", "b")),
        List.of(
            Messages.with("x-session", "s2"),
            Messages.about(Messages.write("photos", "a", Map.of()))
                .copy()
                .headers(Map.of("x-session", "s2"))
                .build()));
  }

  @Override
  protected List<Message> loners() {
    return List.of(
        Messages.plain(), Messages.with("x-session", ""), Messages.with("dw-session", "s1"));
  }
}
