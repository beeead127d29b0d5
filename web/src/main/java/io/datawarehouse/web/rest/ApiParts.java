package io.datawarehouse.web.rest;

import io.datawarehouse.kernel.boot.Kernel;
import io.datawarehouse.web.audit.AuditFeature;
import io.datawarehouse.web.audit.RequestAudit;
import io.datawarehouse.web.error.Problems;
import io.datawarehouse.web.error.RoutingErrors;
import io.datawarehouse.web.error.UnexpectedErrors;
import io.datawarehouse.web.error.WarehouseErrors;
import io.datawarehouse.web.metric.NodeLoad;
import io.datawarehouse.web.security.RoleFeature;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;

/** What the API consists of: its resources, and what stands around them. */
@ApplicationScoped
public class ApiParts {

  /** The resources. */
  public static final Set<Class<?>> RESOURCES =
      Set.of(
          BucketResource.class,
          BlobResource.class,
          ManifestResource.class,
          MessageResource.class,
          DeadLetterResource.class,
          EventStreamResource.class,
          PluginResource.class,
          KeyResource.class,
          ScrubResource.class,
          ClusterResource.class,
          ExplainResource.class,
          ResilienceResource.class,
          LoadBalancingResource.class,
          RebalanceResource.class,
          AuditResource.class);

  @Inject Kernel kernel;
  @Inject Problems problems;
  @Inject NodeLoad load;
  @Resource ManagedScheduledExecutorService executor;

  private Set<Object> parts = Set.of();
  private BlobRoutes blobs;
  private EventStreamResource streams;

  @PostConstruct
  void assemble() {
    Gateway gateway = new Gateway(kernel.bus());
    BlobResource blobResource = new BlobResource(gateway, kernel.clock());
    blobs = new BlobRoutes(blobResource);
    streams = new EventStreamResource(kernel.bus(), executor);
    parts =
        Set.of(
            new BucketResource(gateway),
            blobResource,
            new ManifestResource(gateway),
            new MessageResource(gateway, kernel::topics),
            new DeadLetterResource(kernel.deadLetters()),
            streams,
            new PluginResource(kernel.plugins()),
            new KeyResource(kernel.keys()),
            new ScrubResource(kernel::scrub),
            new ClusterResource(kernel, load),
            new ResilienceResource(
                kernel.nodeId(),
                kernel.clusterOffice().circuits(),
                kernel.cluster().membership()::view,
                kernel::pluginGuards),
            new ExplainResource(kernel.clusterOffice(), kernel::planDecisions, kernel.segments()),
            new LoadBalancingResource(
                kernel.balancing(), kernel.cluster(), kernel.whatIf(), kernel.hotShards()),
            new RebalanceResource(kernel.rebalance()),
            new AuditResource(kernel.audit()),
            new AuditFeature(new RequestAudit(kernel.audit())),
            new RoleFeature(),
            new PlainPaths(),
            new WarehouseErrors(problems),
            new RoutingErrors(problems),
            new UnexpectedErrors(problems));
  }

  @PreDestroy
  void end() {
    streams.close();
  }

  /** Returns the way to blobs that does not lead through JAX-RS. */
  public BlobRoutes blobs() {
    return blobs;
  }

  /** Returns all parts. */
  public Set<Object> all() {
    return parts;
  }
}
