package com.example.tenant;

import io.datawarehouse.sdk.balance.AffinityPluginBase;
import io.datawarehouse.sdk.balance.Stickiness;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginManifest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Messages of one tenant belong together: users are named {@code TENANT/USER} in a header. */
@Plugin
public class TenantPlugin extends AffinityPluginBase {

  private static final Stickiness AN_HOUR = new Stickiness.Pinned(Duration.ofHours(1), 10_000);

  /** Says who it is; rules name it {@code tenant}. */
  public TenantPlugin() {
    super(PluginManifest.of("tenant", "Tenants", "1.0.0", "affinity"), "tenant");
  }

  @Override
  public @Nullable String keyOf(Message message) {
    String user = message.headers().get("x-user");
    int slash = user == null ? -1 : user.indexOf('/');
    return slash > 0 ? user.substring(0, slash) : null;
  }

  @Override
  public Stickiness stickiness() {
    return AN_HOUR;
  }
}
