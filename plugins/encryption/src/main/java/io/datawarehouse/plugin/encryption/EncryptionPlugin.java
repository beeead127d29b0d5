package io.datawarehouse.plugin.encryption;

import io.datawarehouse.sdk.plugin.Plugin;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.transform.TransformerPluginBase;
import java.util.List;

/** The encryptions {@code aes-gcm} and {@code chacha20-poly1305}, both with keys of 256 bits. */
@Plugin
public class EncryptionPlugin extends TransformerPluginBase {

  /** Makes the plugin; it has no settings. */
  public EncryptionPlugin() {
    super(
        PluginManifest.of("encryption", "Encryption", "0.1.0", "transformation"),
        List.of(
            new StreamTransformer(AeadCipher.AES_GCM),
            new StreamTransformer(AeadCipher.CHACHA20_POLY1305)));
  }
}
