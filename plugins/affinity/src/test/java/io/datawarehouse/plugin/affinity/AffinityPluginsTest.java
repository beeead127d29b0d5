package io.datawarehouse.plugin.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.balance.AffinityPluginBase;
import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AffinityPluginsTest {

  @TempDir private Path directory;

  private static List<AffinityPluginBase> plugins() {
    return List.of(
        new ByBlobKeyPlugin(), new BySessionPlugin(), new ByBucketPlugin(), new ByTagPlugin());
  }

  @Test
  void eachProviderIsAPluginThatRulesCanName() {
    assertThat(plugins())
        .extracting(AffinityProvider::affinityName)
        .containsExactly("blob-key", "session", "bucket", "tag");
    assertThat(plugins())
        .allMatch(plugin -> plugin.getClass().isAnnotationPresent(Plugin.class))
        .allMatch(
            plugin -> plugin.manifest().id().value().equals("affinity-" + plugin.affinityName()))
        .allMatch(
            plugin -> plugin.manifest().provides().contains(AffinityProvider.CAPABILITY.name()));
  }

  @Test
  void sessionsStayAsTheSettingsSay() throws Exception {
    BySessionPlugin plugin = new BySessionPlugin();
    start(plugin, Map.of());
    assertThat(plugin.stickiness())
        .isEqualTo(new Stickiness.Pinned(Duration.ofMinutes(30), 100_000));
    assertThat(plugin.keyOf(Messages.with("dw-session", "s"))).isEqualTo("s");

    start(plugin, Map.of("header", "X-User", "idle", "5m", "most-keys", "7"));
    assertThat(plugin.stickiness()).isEqualTo(new Stickiness.Pinned(Duration.ofMinutes(5), 7));
    assertThat(plugin.keyOf(Messages.with("x-user", "u"))).isEqualTo("u");
    assertThat(plugin.keyOf(Messages.with("dw-session", "s"))).isNull();

    start(plugin, Map.of("stickiness", "by-hash"));
    assertThat(plugin.stickiness()).isEqualTo(new Stickiness.ByHash());
  }

  @Test
  void wrongSettingsAreNamed() {
    for (Map<String, String> wrong :
        List.of(
            Map.of("idle", "0s"),
            Map.of("most-keys", "0"),
            Map.of("most-keys", "10000001"),
            Map.of("stickiness", "glue"),
            Map.of("header", "x".repeat(129)))) {
      assertThatThrownBy(() -> start(new BySessionPlugin(), wrong))
          .hasMessageContaining("dw.plugin.affinity-session." + wrong.keySet().iterator().next());
    }
    assertThatThrownBy(() -> start(new ByTagPlugin(), Map.of("name", "a\tb")))
        .hasMessageContaining("dw.plugin.affinity-tag.name");
  }

  @Test
  void tagIsTheOneThatTheSettingNames() throws Exception {
    ByTagPlugin plugin = new ByTagPlugin();
    start(plugin, Map.of());
    assertThat(plugin.keyOf(Messages.with("dw-tag", "blue"))).isEqualTo("blue");

    start(plugin, Map.of("name", "tenant"));
    assertThat(plugin.keyOf(Messages.with("tenant", "red"))).isEqualTo("red");
  }

  private void start(AffinityPluginBase plugin, Map<String, String> config) throws Exception {
    try (FakeKernelContext context =
        new FakeKernelContext(plugin.manifest().id().value(), directory, config)) {
      plugin.start(context);
    }
  }
}
