package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.AirGapBridge;
import java.util.List;

class SampleBundlesContractTest extends AirGapBridgeContract {

  private final SampleSite homeSite = new SampleSite("home");
  private final SampleSite awaySite = site();
  private final AirGapBridge home = new SampleBundles(homeSite);
  private final AirGapBridge away = make(awaySite);

  /** Makes the bridge of the site away; those that break the contract make others. */
  AirGapBridge make(SampleSite site) {
    return new SampleBundles(site);
  }

  /** Makes the site away; those that break the contract make others. */
  SampleSite site() {
    return new SampleSite("away");
  }

  @Override
  protected AirGapBridge home() {
    return home;
  }

  @Override
  protected AirGapBridge away() {
    return away;
  }

  @Override
  protected void write(String key, Bytes content) {
    homeSite.write(key, content);
  }

  @Override
  protected void delete(String key) {
    homeSite.delete(key);
  }

  @Override
  protected void writeAway(String key, Bytes content) {
    awaySite.write(key, content);
  }

  @Override
  protected List<Bytes> versionsAway(String key) {
    return awaySite.contentsOf(key);
  }
}
