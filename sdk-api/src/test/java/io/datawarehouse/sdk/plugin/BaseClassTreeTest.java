package io.datawarehouse.sdk.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.balance.LoadBalancerStrategy;
import io.datawarehouse.sdk.balance.LoadBalancingPluginBase;
import io.datawarehouse.sdk.capability.CapabilityKey;
import io.datawarehouse.sdk.capability.Cardinality;
import io.datawarehouse.sdk.cluster.ClusterCoordinator;
import io.datawarehouse.sdk.cluster.ClusterMembership;
import io.datawarehouse.sdk.cluster.NodeHealthMonitor;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.p2p.GossipProtocol;
import io.datawarehouse.sdk.p2p.P2PDataDistribution;
import io.datawarehouse.sdk.p2p.P2PNetwork;
import io.datawarehouse.sdk.provision.NodeProvisioner;
import io.datawarehouse.sdk.provision.ProvisionerPluginBase;
import io.datawarehouse.sdk.replication.AirGapBridge;
import io.datawarehouse.sdk.replication.ConflictResolver;
import io.datawarehouse.sdk.replication.ConflictResolverPluginBase;
import io.datawarehouse.sdk.replication.EventualConsistency;
import io.datawarehouse.sdk.replication.MultiRegionReplication;
import io.datawarehouse.sdk.replication.ReplicationPluginBase;
import io.datawarehouse.sdk.replication.ReplicationService;
import io.datawarehouse.sdk.replication.ReplicationStrategy;
import io.datawarehouse.sdk.resilience.BulkheadIsolation;
import io.datawarehouse.sdk.resilience.CircuitBreaker;
import io.datawarehouse.sdk.storage.StoragePluginBase;
import io.datawarehouse.sdk.storage.StorageProvider;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One root, one way to register a capability, for all families of plugins. */
class BaseClassTreeTest {

  private static final List<CapabilityKey<?>> KEYS =
      List.of(
          StorageProvider.CAPABILITY,
          LoadBalancerStrategy.CAPABILITY,
          AffinityProvider.CAPABILITY,
          ReplicationStrategy.CAPABILITY,
          ConflictResolver.CAPABILITY,
          NodeProvisioner.CAPABILITY,
          ClusterMembership.CAPABILITY,
          NodeHealthMonitor.CAPABILITY,
          ClusterCoordinator.CAPABILITY,
          P2PNetwork.CAPABILITY,
          GossipProtocol.CAPABILITY,
          P2PDataDistribution.CAPABILITY,
          ReplicationService.CAPABILITY,
          MultiRegionReplication.CAPABILITY,
          AirGapBridge.CAPABILITY,
          EventualConsistency.CAPABILITY,
          CircuitBreaker.CAPABILITY,
          BulkheadIsolation.CAPABILITY);

  @Test
  void everyFamilyStandsUnderTheOneRoot() {
    assertThat(
            List.of(
                StoragePluginBase.class,
                LoadBalancingPluginBase.class,
                ReplicationPluginBase.class,
                ConflictResolverPluginBase.class,
                ProvisionerPluginBase.class))
        .allSatisfy(type -> assertThat(type.getSuperclass()).isEqualTo(StrategyPluginBase.class));
    assertThat(StrategyPluginBase.class.getSuperclass()).isEqualTo(PluginBase.class);
    assertThat(IntelligenceAwarePluginBase.class.getSuperclass())
        .isEqualTo(FeaturePluginBase.class);
    assertThat(FeaturePluginBase.class.getSuperclass()).isEqualTo(PluginBase.class);
  }

  @Test
  void everyCapabilityHasANameOfItsOwnAndRoomForSeveralProviders() {
    assertThat(KEYS).extracting(CapabilityKey::name).doesNotHaveDuplicates();
    assertThat(KEYS).extracting(CapabilityKey::cardinality).doesNotContain(Cardinality.SINGLE);
    assertThat(KEYS).allSatisfy(key -> assertThat(key.type()).isInterface());
  }

  @Test
  void featureCannotUseTheBusBeforeItWasStarted() {
    FeaturePluginBase feature =
        new FeaturePluginBase(PluginManifest.of("f", "F", "1", "test")) {
          @Override
          protected void onStop() {
            tell(Topic.of("f.stopped"), "too early");
          }
        };

    assertThatThrownBy(feature::stop)
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("plugin f has not been started");
  }
}
