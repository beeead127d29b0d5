package io.datawarehouse.plugin.compression;

import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.transform.TransformerPluginBase;
import java.util.List;

/**
 * The compressions {@code zstd}, {@code lz4} and {@code gzip}. A pipeline names them plainly, then
 * with the levels of {@code zstd.level} and {@code gzip.level}, or with a level, {@code zstd-19}.
 */
@Plugin
public class CompressionPlugin extends TransformerPluginBase {

  private final ZstdTransformer zstd;
  private final GzipTransformer gzip;

  /** Makes the plugin; levels are read when it is started. */
  public CompressionPlugin() {
    this(new ZstdTransformer(), new GzipTransformer());
  }

  private CompressionPlugin(ZstdTransformer zstd, GzipTransformer gzip) {
    super(
        PluginManifest.of("compression", "Compression", "0.1.0", "transformation"),
        List.of(zstd, new Lz4Transformer(), gzip));
    this.zstd = zstd;
    this.gzip = gzip;
  }

  @Override
  protected void onStart() {
    zstd.defaultLevel(
        (int)
            context()
                .config()
                .number(
                    "zstd.level",
                    ZstdTransformer.USUAL_LEVEL,
                    ZstdTransformer.LEAST_LEVEL,
                    ZstdTransformer.MOST_LEVEL));
    gzip.defaultLevel(
        (int)
            context()
                .config()
                .number(
                    "gzip.level",
                    GzipTransformer.USUAL_LEVEL,
                    GzipTransformer.LEAST_LEVEL,
                    GzipTransformer.MOST_LEVEL));
  }

  @Override
  protected void onStop() {
    zstd.forgetIdle();
  }
}
