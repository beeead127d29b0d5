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
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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

  private static final long SIGN_OF_LIFE_SECONDS = 15;

  @Inject Kernel kernel;
  @Inject Problems problems;
  @Inject NodeLoad load;
  @Resource ManagedScheduledExecutorService scheduler;

  @Resource(lookup = "java:comp/DefaultManagedThreadFactory")
  ManagedThreadFactory threads;

  private Set<Object> parts = Set.of();
  private BlobRoutes blobs;
  private ThreadPoolExecutor senders;
  private EventStreams streams;
  private ScheduledFuture<?> signsOfLife;

  @PostConstruct
  void assemble() {
    Gateway gateway = new Gateway(kernel.bus());
    BlobResource blobResource = new BlobResource(gateway, kernel.clock());
    blobs = new BlobRoutes(blobResource);
    EventBacklog.Limits limits = EventBacklog.Limits.ofHeap(Runtime.getRuntime().maxMemory());
    senders = newSenders(limits);
    streams = new EventStreams(kernel.bus(), senders, limits, kernel.metrics());
    signsOfLife =
        scheduler.scheduleAtFixedRate(
            streams::tellAlive, SIGN_OF_LIFE_SECONDS, SIGN_OF_LIFE_SECONDS, TimeUnit.SECONDS);
    parts =
        Set.of(
            new BucketResource(gateway),
            blobResource,
            new ManifestResource(gateway),
            new MessageResource(gateway, kernel::topics),
            new DeadLetterResource(kernel.deadLetters()),
            new EventStreamResource(streams),
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

  /**
   * A client that does not read holds a thread until it is dropped; so these threads are for the
   * streams alone, and one more for each may be on its way out.
   */
  private ThreadPoolExecutor newSenders(EventBacklog.Limits limits) {
    return new ThreadPoolExecutor(
        0, 2 * limits.followers(), 30, TimeUnit.SECONDS, new SynchronousQueue<>(), this::newSender);
  }

  /** The container gives no thread when it is stopping. */
  private @Nullable Thread newSender(Runnable work) {
    Thread thread = threads.newThread(work);
    if (thread != null) {
      thread.setName("dw-event-sender");
      thread.setDaemon(true);
    }
    return thread;
  }

  @PreDestroy
  void end() {
    signsOfLife.cancel(false);
    streams.close();
    senders.shutdown();
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
