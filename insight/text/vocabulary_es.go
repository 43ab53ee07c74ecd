package text

// spanish is what tells in Spanish what a comment says.
var spanish = vocabulary{
	denials:    `nunca jamas sin ningun ninguna nada tampoco no`,
	absences:   `ninguno nadie ni falta`,
	distances:  `casi anterior anteriores antiguo antigua diferencia`,
	eases:      `facil facilmente`,
	wishes:     `seria podria quisiera`,
	wonders:    `creer entender imaginar solo`,
	deniesVerb: ``,
	contrasts:  `pero sino aunque`,
	stronger: `muy demasiado realmente extremadamente totalmente completamente absolutamente tan super siempre especialmente bastante
		mucho mucha`,
	weaker: `poco algo ligeramente relativamente parcialmente`,
	common: `el la los las de del un una unos unas y es en que por para con no se su sus mi mis nuestro nuestra lo al le les como
		mas pero si o ya muy son esta estan este esto estos ha han he hay fue ser era yo tu ellos ella nosotros usted ustedes
		me te nos cuando todo todos toda todas porque sin sobre entre desde hasta donde quien cual tambien solo cada otro otra
		tan tanto antes despues siempre nunca nada algo alguien ni siendo tener tengo tiene tienen hace hacer puede pueden
		cuando mucho mucha estoy estamos hemos tienes aqui ahora bien dos respuesta dia dias semana semanas mes meses ano anos
		han fui fueron hasta demasiado demasiada demasiados demasiadas`,
	complaints: `
		voy|vamos|quiero|queremos|tengo|tenemos|pienso|pensamos|debo|debemos _ cancelar|rescindir
		cancelar|cancelare|cancelaremos|cancelo|cancelamos|rescindir mi|nuestro|nuestra contrato|suscripcion|cuenta
		darme|darnos|dare|daremos|doy|damos _ de baja
		cambiar|cambiare|cambiaremos|cambiamos|cambio de proveedor|compania|empresa
		ir|irme|irnos|voy|vamos|pasar|pasarnos|paso|pasamos _ la competencia
		buscar|buscando|buscamos|busco _ alternativa|alternativas
		buscar|buscando|buscamos|busco otro|otra proveedor|empresa|herramienta
		quiero|exijo|exigimos|queremos|pido|pedimos _ reembolso|devolucion|dinero
		devuelvan|devolved _ dinero
		nunca mas
		jamas volvere|volveremos
		no vuelvo|volvere|volveremos
		no renovare|renovaremos|renovamos|renuevo
		no lo|la|los|las|os recomiendo|recomendamos|recomendaria
		inaceptable|inaceptables|pesimo|pesima|pesimos|pesimas|vergonzoso|vergonzosa|indignante|nefasto|nefasta|desastroso|desastrosa
		una verguenza
		un desastre
		que desastre|verguenza
		estafa|estafado|estafada|estafador|estafadores|timo|ladrones|mentirosos
		un robo|fraude
		muy|realmente|sumamente|totalmente|tan decepcionad*|decepcionante|enfadad*|molesto|molesta|molestos|insatisfech*|frustrad*|descontent*|enojad*
		harto|harta|hartos|hartas de
		furioso|furiosa
		perdida de tiempo|dinero
		inservible|inutilizable
		mi|nuestro abogado
		acciones legales
		voy|vamos a denunciar
		peor servicio|soporte|experiencia|empresa|atencion|producto|herramienta
		odio|odiamos
		no funciona nada
	`,
	dislikes: `
		malo|mala|malos|malas|mal|peor|peores|pesimo|pesima|mediocre|mediocres|flojo|floja|deficiente|deficientes|regular
		lento|lenta|lentos|lentas|lentitud|tarde|tarda|tardan|tardo|tardaron|tardanza|retraso|retrasos|retrasado|demora|demoras|demorado
		esperar|esperando|espera|espere _ horas|dias|semanas|meses|mucho|demasiado
		larga|largas|largos|mucha espera|esperas|colas|cola|plazos
		caro|cara|caros|caras|costoso|costosa|carisimo|carisima|abusivo|abusiva|abusivos|excesivo|excesiva|excesivos
		comisiones|cargos|costes|gastos ocultos|ocultas|altas|altos|abusivas|abusivos|excesivas
		precio|precios|tarifa|tarifas _ subid*|aument*|alto|altos|elevad*
		subida|aumento _ precio|precios|tarifa|tarifas
		dificil|dificiles|complicado|complicada|complicados|complicadas|complejo|compleja|confuso|confusa|engorroso|engorrosa|tedioso|tediosa|incomodo|incomoda|incomprensible
		error|errores|fallo|fallos|falla|fallas|averia|averias|defecto|defectos|defectuoso|defectuosa|roto|rota|rotos|danado|danada|inestable|caida|caidas|cuelga|bloquea|bloqueado|bloqueada
		problema|problemas|inconveniente|inconvenientes|dificultad|dificultades|incidencia|incidencias|lio
		no _ funciona|funcionan|funciono|responde|responden|contestan|contesta|contestaron|llega|llego|ayuda|ayudan|ayudaron|solucionan|solucionaron|resuelven|resolvieron|sirve|gusta|gusto|recomiendo|cumplen|entiendo|estoy|atienden|atendieron|avisan|avisaron
		nadie contesta|responde|ayuda|atiende|sabe|llama|resuelve
		sin respuesta|solucion|explicacion|avisar|aviso
		nunca contestan|responden|llega|llego|funciona|llaman
		ninguna|ningun|nada _ respuesta|solucion|ayuda|explicacion|interes
		antipatico|antipatica|maleducado|maleducada|maleducados|groseros|grosero|grosera|arrogante|incompetente|incompetentes|incompetencia|desagradable|desagradables|borde|ineficaz|ineficiente|ignoran|ignorado|desatendido
		decepcionado|decepcionada|decepcionados|decepcionante|decepcion|insatisfecho|insatisfecha|descontento|descontenta|frustrado|frustrada|frustrante|frustracion
		molesto|molesta|molestia|molestias|enfadado|enfadada|enojado|triste|lamentable|lastima|lamento|preocupado|preocupante|harto|harta|indignado
		queja|quejas|quejarme|reclamar|reclamacion|reclamaciones|reclamo
		falta|faltan|faltaba|incompleto|incompleta|insuficiente|insuficientes|limitado|limitada|escaso|escasa
		enganoso|enganosa|engano|enganado|enganan|mienten|mentira|mentiras|timo|estafa|injusto|injusta
		inutil|inutiles|innecesario|innecesaria|horrible|horribles|terrible|fatal|desastre|desastroso|odio|asco|verguenza|penoso|penosa|nefasto|basura
		anticuado|anticuada|obsoleto|obsoleta|feo|fea
		todavia|aun no
		sigo|seguimos esperando|sin
		cancelar|cancele|baja|abandonar|irme
		cobrado|cobraron|cobran _ dos|doble|mas
		deja|dejan mucho|bastante que desear
		equivocado|equivocada|incorrecto|incorrecta|erroneo
		perdida|perdido|perdi|perder
		nada funciona|sirve
		nunca|nadie|jamas me|nos responden|responde|contestan|contesta|atienden|atiende|ayudan|ayuda|llaman|llama|avisan|avisa
		podria|podrian|puede|pueden|deberia|deberian _ mejor|mejorar
	`,
	likes: `
		bueno|buena|buenos|buenas|buen|bien|bonito|bonita|genial|agradable|agradables|mejor|mejores|correcto|correcta|super|guay
		amable|amables|amabilidad|simpatico|simpatica|simpaticos|atento|atenta|atentos|atencion|cordial|educado|educados|paciente|cercano|cercana|servicial|serviciales|dispuestos
		profesional|profesionales|profesionalidad|competente|competentes|eficaz|eficaces|eficiente|eficientes|eficiencia|resolutivo|resolutivos
		rapido|rapida|rapidos|rapidas|rapidez|rapidamente|puntual|puntuales|puntualidad|agil|agiles|agilidad|inmediato|inmediata|enseguida
		facil|faciles|facilmente|facilidad|sencillo|sencilla|sencillos|intuitivo|intuitiva|comodo|comoda|comodos|practico|practica|claro|clara|claros|claridad|fluido
		fiable|fiables|confiable|confianza|seguro|segura|seguridad|estable|solido|transparente
		contento|contenta|contentos|satisfecho|satisfecha|satisfechos|feliz|felices|encantado|encantada|encantados|encanta|gusta|gustan|gusto|agrada|alegra|impresionado
		gracias|agradezco|agradecido|agradecida|agradecidos|enhorabuena|felicidades
		recomiendo|recomendamos|recomendable|recomendables|recomendado
		util|utiles|economico|economica|barato|barata|asequible|razonable|razonables|justo
		funciona|funcionan|funciono _ bien|perfectamente|perfecto|genial
		excelente|excelentes|perfecto|perfecta|perfectamente|estupendo|estupenda|maravilloso|maravillosa|fantastico|fantastica|inmejorable|magnifico|magnifica|impecable
		resuelto|resolvieron|solucionado|solucionaron|ayudaron _ rapido|rapidamente|todo|problema|enseguida
		sin|ningun|ninguna|nunca|no _ problema|problemas|queja|quejas|inconveniente
		nada que objetar|reprochar
		no esta mal
		todo bien|perfecto|correcto|genial
		calidad
		mejorado|mejora|mejoras|avance
		ahorro|ahorra|ahorrado _ tiempo|dinero
		recomendaria|recomendare|recomendariamos|recomendaremos
		no puedo|podemos quejarme|quejarnos
		no podria|podriamos|puedo|puede estar|ser _ mejor|contento|contenta|contentos|satisfecho|satisfecha
		nada malo
		volvere|volveria|volveremos|volveriamos a comprar|usar|contratar|pedir|confiar
	`,
	praises: `
		excelente|excelentes|fantastico|fantastica|genial|geniales|perfecto|perfecta|maravilloso|maravillosa|estupendo|estupenda
		muy|realmente|totalmente contento|contenta|contentos|satisfecho|satisfecha|satisfechos|bien|bueno|buena|buen|feliz
		me|nos encanta
		recomiendo|recomendamos totalmente|encarecidamente
	`,
}
