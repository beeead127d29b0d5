package io.datawarehouse.testkit.replication;

import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.MultiRegionReplication;
import java.util.List;

class SampleSiteContractTest extends MultiRegionReplicationContract {

  private final SampleSite here = make("here");
  private final SampleSite there = new SampleSite("there");

  SampleSiteContractTest() {
    here.connect(there);
  }

  /** Makes a site; those that break the contract make others. */
  SampleSite make(String name) {
    return new SampleSite(name);
  }

  @Override
  protected MultiRegionReplication site() {
    return here;
  }

  @Override
  protected String otherSite() {
    return "there";
  }

  @Override
  protected void write(String key, Bytes content) {
    here.write(key, content);
  }

  @Override
  protected List<Bytes> versionsHere(String key) {
    return here.contentsOf(key);
  }

  @Override
  protected List<Bytes> versionsAtOtherSite(String key) {
    return there.contentsOf(key);
  }

  @Override
  protected void cut() {
    here.reachable(false);
  }

  @Override
  protected void mend() {
    here.reachable(true);
  }

  @Override
  protected void pump() {
    here.pump();
  }
}
